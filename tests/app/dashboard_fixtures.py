"""A small data directory: a flow of two squares and networks with random weights."""

import sys
from pathlib import Path

import pytest
import torch

from symdyn_core.datasets import schema, store
from symdyn_core.experiments.candidates import candidates
from symdyn_core.grid import Grid
from symdyn_core.models import ForecasterSpec, ResNet, UNet, zoo

ROOT = Path(__file__).resolve().parents[2]
# The dashboard is served from the clone, not installed: it is imported from there.
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

pytest.importorskip("panel_material_ui", reason="needs the extra `app`")

WIDTHS = {
    **{"plain": 6, "uniform_motion": 3, "magnitude": 3, "rotation": 2},
    **{"reflection": 1, "scaling": 4, "all": 2},
}
UNETS = ("plain", "rotation", "scaling")
"""Of what there are U-Nets beside the ResNets; enough to choose from."""


def smooth_flow(frames: int = 40, ny: int = 32, nx: int = 64):
    """A wide periodic cell of drifting waves, differentiable and never at rest."""
    y = (torch.arange(ny, dtype=torch.float64) + 0.5) / ny
    x = (torch.arange(nx, dtype=torch.float64) + 0.5) / ny
    t = torch.arange(frames, dtype=torch.float64)[:, None, None]
    length = nx / ny
    u, v = torch.zeros(frames, ny, nx).double(), torch.zeros(frames, ny, nx).double()
    for wave, row, drift in ((1, 1, 0.13), (2, 1, -0.21), (3, 2, 0.34), (1, 3, 0.05)):
        phase = 2 * torch.pi * wave * (x[None, None] / length) - drift * t
        u += torch.cos(torch.pi * row * y)[None, :, None] * torch.sin(phase + row) / row
        v += torch.sin(torch.pi * row * y)[None, :, None] * torch.cos(phase + wave) / wave
    w = torch.stack((u, v), dim=1).float()
    grid = Grid(ny, nx, dy=1 / ny, dx=1 / ny, dt=0.2, periodic_x=True)
    return schema.from_tensor(w, grid, title="waves", source="drawn")


def make_data(folder: Path) -> Path:
    """Write the flow and the networks where the package looks for them."""
    flow = smooth_flow()
    store.write_flow(flow, folder / "demo" / "rayleigh_benard.zarr")
    for candidate in candidates():
        make_model(candidate, ResNet, flow, folder)
        if candidate.name in UNETS:
            make_model(candidate, UNet, flow, folder)
    return folder


def make_model(candidate, architecture, flow, folder: Path) -> None:
    """Write a network with random weights, biases among them."""
    spec = ForecasterSpec(
        architecture, candidate.kit, past=4, width=WIDTHS[candidate.name], multipliers=(1, 1),
        scale=schema.rms(flow), wrappers=candidate.wrappers,
    ).on(schema.grid_of(flow))  # fmt: skip
    forecaster = spec.build(seed=1)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in forecaster.named_parameters():
            if name.endswith("bias"):  # without them the plain network is no control
                parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    name = f"rbc-{architecture.__name__.lower()}-{candidate.name}"
    about = {"dataset": {"title": "waves"}, "symmetry": candidate.name}
    zoo.save_model(name, forecaster, spec, about, folder / "zoo")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """The data directory, made once."""
    return make_data(tmp_path_factory.mktemp("data"))


@pytest.fixture
def data(prepared, monkeypatch) -> Path:
    """The data directory, in use."""
    from app import compute

    monkeypatch.setenv("SYMDYN_DATA", str(prepared))
    monkeypatch.delenv("SYMDYN_FLOWS", raising=False)
    compute.RESULTS.clear()
    return prepared


@pytest.fixture
def state(data):
    """The state of a new visitor."""
    from app.flows import sources
    from app.state import AppState

    return AppState(sources())
