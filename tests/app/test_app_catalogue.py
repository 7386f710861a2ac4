"""Which models can be chosen, what they are called, and what they really respect."""

import json
import math
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from symdyn_core.equivariance import equivariance_error
from symdyn_core.experiments.candidates import Candidate
from symdyn_core.grid import Grid
from symdyn_core.layers import MagnitudeKit, PlainKit
from symdyn_core.models import ResNet
from symdyn_core.models.opening import open_run
from symdyn_core.models.wrappers import MeanFrame
from symdyn_core.symmetries import ALL

pytest_plugins = ("dashboard_fixtures",)

EXACT = {
    "translation": (8.0, 4.0),
    "uniform_motion": (1.0, -0.5),
    "boost": (0.25, 0.1),
    "magnitude": 2.0,
    "rotation": 90.0,
    "reflection": (0.0, 1.0),
    "scaling": 2.0,
}
"""One element of each symmetry that a doubly periodic grid does not hinder."""


@pytest.fixture
def catalogue(data):
    from app import catalogue

    return catalogue


@pytest.fixture(scope="module")
def periodic():
    """Drifting waves on a doubly periodic square with a mean flow: no edge, nothing unknown."""
    side, frames = 32, 13
    y, x = torch.meshgrid(*(torch.arange(side) * 2 * torch.pi / side,) * 2, indexing="ij")
    t = 0.3 * torch.arange(frames)[:, None, None]
    u = torch.sin(x + y - t) + 0.5 * torch.cos(y + 2 * t) + 0.4
    v = torch.cos(x - 2 * t) + 0.5 * torch.sin(2 * y - x + t) - 0.3
    grid = Grid(side, side, dy=1 / side, dx=1 / side, dt=0.2, periodic_y=True, periodic_x=True)
    return 0.3 * torch.stack((u, v), dim=1)[None], grid


def test_titles_say_what_a_model_is(catalogue):
    titles = {model.name: model.title for model in catalogue.models()}
    assert titles["rbc-resnet-rotation"] == "Rotation-equivariant ResNet"
    assert titles["rbc-unet-plain"] == "Ordinary U-Net"
    # Their kit is that of scaling: the card alone knows better.
    assert titles["rbc-resnet-all"] == "All-symmetries ResNet"
    assert titles["rbc-resnet-scaling"] == "Scale-equivariant ResNet"
    assert len(set(titles.values())) == len(titles)


def test_models_of_one_title_are_told_apart(catalogue, data, tmp_path, monkeypatch):
    shutil.copytree(data / "zoo", tmp_path / "zoo")
    for end in ("json", "safetensors"):
        file = tmp_path / "zoo" / f"rbc-resnet-plain.{end}"
        shutil.copy(file, file.with_name(f"sea-resnet-plain.{end}"))
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path))
    names = [name for group in catalogue.groups().values() for name in group.values()]
    assert sorted(names) == sorted(model.name for model in catalogue.models())


def test_lists_are_grouped_by_architecture(catalogue):
    groups = catalogue.groups()
    assert list(groups) == ["ResNets", "U-Nets", "Without a network"]
    assert next(iter(groups["ResNets"])) == "Ordinary ResNet"
    assert list(groups["ResNets"])[-1] == "All-symmetries ResNet"


@pytest.mark.parametrize(
    "symmetry, name",
    [
        ("uniform_motion", "rbc-resnet-uniform_motion"),
        ("boost", "rbc-resnet-all"),
        ("magnitude", "rbc-resnet-magnitude"),
        ("rotation", "rbc-resnet-rotation"),
        ("reflection", "rbc-resnet-reflection"),
        ("scaling", "rbc-resnet-scaling"),
    ],
)
def test_every_symmetry_has_its_model(catalogue, symmetry, name):
    from app import elements

    found = catalogue.equivariant_model(elements.named(symmetry))
    assert found.name == name and catalogue.respects(found, elements.named(symmetry))


def test_translation_is_respected_by_all_and_asks_for_none(catalogue):
    from app import elements

    assert catalogue.equivariant_model(elements.named("translation")) is None


@pytest.mark.parametrize(
    "symmetry, relative",
    [("boost", "uniform_motion"), ("reflection", "rotation"), ("scaling", "magnitude")],
)
def test_a_smaller_zoo_offers_the_nearest_relative(
    catalogue, data, tmp_path, monkeypatch, symmetry, relative
):
    from app import elements

    (tmp_path / "zoo").mkdir()
    for kept in ("plain", "uniform_motion", "magnitude", "rotation"):
        for file in (data / "zoo").glob(f"rbc-resnet-{kept}.*"):
            shutil.copy(file, tmp_path / "zoo")
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path))
    found = catalogue.equivariant_model(elements.named(symmetry))
    assert found.symmetry == relative
    assert not catalogue.respects(found, elements.named(symmetry))


def test_a_unet_stands_beside_a_unet(state):
    state.model_b = "rbc-unet-plain"
    state.choose_symmetry("scaling")
    assert state.model_a == "rbc-unet-scaling"
    state.choose_symmetry("magnitude")  # there is no such U-Net here
    assert state.model_a == "rbc-resnet-magnitude"


@pytest.mark.parametrize("symmetry", ALL, ids=lambda s: s.name)
def test_what_a_model_is_said_to_respect_is_what_it_respects(catalogue, periodic, symmetry):
    window, grid = periodic
    errors = {}
    for model in catalogue.models():
        forecaster = catalogue.load(model.name, None, (True, True), grid)
        error, share = equivariance_error(forecaster, symmetry, EXACT[symmetry.name], window, grid)
        assert share == 1.0
        errors[model.name] = error.item()
    # Dilated kernels are sampled on the grid: the others are exact but for rounding.
    bound = 2e-2 if symmetry.name == "scaling" else 1e-4
    respected = {m.name for m in catalogue.models() if catalogue.respects(m, symmetry)}
    assert {name for name, error in errors.items() if error < bound} == respected, errors
    strangers = [error for name, error in errors.items() if name not in respected]
    assert min(strangers, default=math.inf) > 5 * bound, errors


def test_models_are_loaded_when_they_are_chosen(catalogue, state, monkeypatch):
    from app import compute

    catalogue._load.cache_clear()
    asked = []
    load = catalogue.zoo.load

    def noted(name, **options):
        asked.append(name)
        return load(name, **options)

    monkeypatch.setattr(catalogue.zoo, "load", noted)
    compute.compare(state.question).a.scores(1)
    assert sorted(asked) == ["rbc-resnet-plain", "rbc-resnet-rotation"]


def test_a_drifting_frame_reads_the_grid_of_the_data(catalogue, state, tmp_path, monkeypatch):
    from dashboard_fixtures import make_model, smooth_flow

    flow = smooth_flow(frames=8)
    drifting = Candidate("plain", PlainKit(), (MeanFrame(drift=True),))
    for candidate in (drifting, Candidate("magnitude", MagnitudeKit())):
        make_model(candidate, ResNet, flow, tmp_path)
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path))
    grid = state.flow.grids[0].with_(dt=0.1)
    drift = catalogue.load("rbc-resnet-plain", None, None, grid).canonicalizer.drift
    assert drift.x == pytest.approx(grid.dt / grid.dx)
    # Models without a frame of their own do not ask for it, and are shared by all grids.
    own = catalogue.load("rbc-resnet-magnitude", None, None, grid)
    assert catalogue.load("rbc-resnet-magnitude", None, None, grid.with_(dt=1.0)) is own


def test_a_run_of_this_machine_can_be_named(catalogue, data, tmp_path, monkeypatch, state):
    run = data / "runs" / "trial"
    run.mkdir(parents=True, exist_ok=True)
    spec = json.loads((data / "zoo" / "rbc-resnet-rotation.json").read_text())["specification"]
    (run / "specification.json").write_text(json.dumps(spec))
    shutil.copy(data / "zoo" / "rbc-resnet-rotation.safetensors", run / "best.safetensors")
    state.choose_models(a="run:trial")
    assert state.model_a == "run:trial"
    assert catalogue.model("run:trial").title == "Rotation-equivariant ResNet · run trial"
    grid = state.flow.grids[0]
    window = state.flow.w[:1, :4]
    with torch.no_grad():
        same = catalogue.load("rbc-resnet-rotation", None, None, grid)(window)
        torch.testing.assert_close(catalogue.load("run:trial", None, None, grid)(window), same)
    headings = catalogue.groups(state.param.model_a.objects)
    assert list(headings["Runs and models of your own"].values()) == ["run:trial"]


def test_a_run_that_is_trained_on_forecasts_with_its_new_weights(catalogue, data, state):
    from app import compute, kernels

    run, zoo = data / "runs" / "going-on", data / "zoo"
    run.mkdir(parents=True, exist_ok=True)
    card = json.loads((zoo / "rbc-resnet-rotation.json").read_text())
    (run / "specification.json").write_text(json.dumps(card["specification"]))
    weights = load_file(zoo / "rbc-resnet-rotation.safetensors")
    save_file(weights, run / "best.safetensors")
    state.choose_models(a="run:going-on")
    source, question = state.source, state.question

    earlier = compute.compare(question)
    one = earlier.a.forecast(1)
    assert compute.compare(question).a is earlier.a, "the control: kept while nothing changes"
    layers = kernels.layers(source, "run:going-on")
    assert kernels.layers(source, "run:going-on") is layers
    assert earlier.current

    better = {name: 1.1 * value for name, value in weights.items()}
    save_file(better, run / "later.safetensors")
    (run / "later.safetensors").replace(run / "best.safetensors")
    assert not earlier.current
    later = compute.compare(question)
    assert later.current and later.b is earlier.b, "the other model is as it was"
    two = later.a.forecast(1)
    assert (two - one).norm() > 1e-3 * one.norm()
    fresh = open_run(run)
    window = state.flow.w[:1, : fresh.past]
    loaded = catalogue.load("run:going-on", None, None, state.flow.grids[0])
    with torch.no_grad():
        torch.testing.assert_close(loaded(window), fresh(window))
    new_layers = kernels.layers(source, "run:going-on")
    kernel, old = (kernels.kernel(found[0]) for found in (new_layers, layers))
    torch.testing.assert_close(kernel, 1.1 * old)


def test_a_mark_tells_weights_apart(catalogue, data, tmp_path):
    from app.weights import mark_of

    file = tmp_path / "w"
    assert mark_of(file) is None
    file.write_bytes(b"one")
    first = mark_of(file)
    assert mark_of(file) == first
    file.write_bytes(b"longer")
    assert mark_of(file) != first
    assert catalogue.marked("persistence") == ("persistence", None)
    name, mark = catalogue.marked("rbc-resnet-plain")
    assert name == "rbc-resnet-plain" and mark == mark_of(data / "zoo" / f"{name}.safetensors")


@pytest.mark.parametrize("name", ["run:../zoo", "run:/etc", "run:nothing", "run:"])
def test_a_run_outside_the_folder_of_runs_is_refused(catalogue, state, name):
    with pytest.raises(ValueError, match=r"no run|not a run"):
        state.choose_models(b=name)
    assert state.model_b == "rbc-resnet-plain"


def test_models_follow_a_flow_to_their_relatives(catalogue, data, tmp_path, monkeypatch):
    from app.flows import Source
    from app.state import AppState

    shutil.copytree(data / "zoo", tmp_path / "zoo")
    for kind in ("plain", "rotation"):
        for end in ("json", "safetensors"):
            file = tmp_path / "zoo" / f"rbc-resnet-{kind}.{end}"
            text = file.read_bytes().replace(b"rbc-resnet", b"ocean-resnet")
            file.with_name(f"ocean-resnet-{kind}.{end}").write_bytes(text)
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path))
    path = str(data / "demo" / "rayleigh_benard.zarr")
    state = AppState((Source("convection", path, "rbc"), Source("ocean", path, "ocean")))
    assert (state.model_a, state.model_b) == ("rbc-resnet-rotation", "rbc-resnet-plain")
    state.choose_data("ocean")
    assert (state.model_a, state.model_b) == ("ocean-resnet-rotation", "ocean-resnet-plain")
    # No relative of that kind: the nearest one there is.
    state.choose_symmetry("magnitude")
    assert state.model_a == "rbc-resnet-magnitude"


def test_a_model_of_the_operator_is_listed_and_respects_nothing_by_name(
    catalogue, data, tmp_path, monkeypatch
):
    (tmp_path / "operators_models.py").write_text(
        "def still(window):\n    return window[:, -1]\nstill.past = 2\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("SYMDYN_MODELS", "operators_models:still")
    model = catalogue.model("operators_models:still")
    assert (model.title, model.past, model.scale) == ("still", 2, None)
    assert not any(catalogue.respects(model, symmetry) for symmetry in ALL)
    assert "operators_models:still" in catalogue.groups()["Runs and models of your own"].values()
