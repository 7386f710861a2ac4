"""The zoo: trained forecasters as safetensors, each with a JSON card that says how it was made.

A model ``name`` is two files in ``data/zoo``: ``name.safetensors`` (weights) and ``name.json`` (the
card: specification, seed, data fingerprint, training time, hardware, metrics).
"""

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import NetworkForecaster
from symdyn_core.models.specification import ForecasterSpec
from symdyn_core.models.wrappers import Wrapper
from symdyn_core.paths import data_directory
from symdyn_core.whole_files import write_whole

REQUIRED = ("name", "specification", "weights_sha256")
"""Entries without which a card is none."""


def directory() -> Path:
    """Folder of the zoo."""
    return data_directory() / "zoo"


def names(folder: Path | None = None) -> list[str]:
    """Names of the trained models at hand, sorted."""
    folder = folder or directory()
    return sorted(p.stem for p in folder.glob("*.safetensors") if p.with_suffix(".json").exists())


def card(name: str, folder: Path | None = None) -> dict:
    """The card of a model.

    Raises:
        ValueError: no model of that name, or an unreadable card.
    """
    folder = folder or directory()
    if name not in names(folder):
        known = ", ".join(names(folder)) or "none; run `symdyn zoo build`"
        raise ValueError(f"Unknown model {name!r}; the zoo holds {known}.")
    try:
        found = json.loads((folder / f"{name}.json").read_text())
    except ValueError as error:
        raise ValueError(f"The card of {name!r} is not JSON ({error}). Rebuild the zoo.") from error
    missing = [key for key in REQUIRED if not isinstance(found, dict) or key not in found]
    if missing:
        raise ValueError(f"The card of {name!r} lacks {', '.join(missing)}. Rebuild the zoo.")
    return found


def load(
    name: str,
    *,
    scale: float | None = None,
    periodic: tuple[bool, bool] | None = None,
    grid: Grid | None = None,
    folder: Path | None = None,
) -> NetworkForecaster | Wrapper:
    """A trained forecaster, in evaluation mode.

    Args:
        scale: another unit of velocity than that of the training data, for data of another
            strength: the root mean square of those data.
        periodic: pad as for a domain that repeats along (y, x).
        grid: of the data at hand, for wrappers that measure in its cells and time steps; by
            default that of the training data.

    Raises:
        ValueError: no model of that name, or weights that do not fit its card.
    """
    folder = folder or directory()
    about = card(name, folder)
    spec = ForecasterSpec.from_json(about["specification"])
    if periodic is not None:
        spec = spec.with_periodic(periodic)
    if grid is not None:
        spec = spec.on(grid)
    forecaster = spec.build()
    path = folder / f"{name}.safetensors"
    load_weights(forecaster, path)
    if hashlib.sha256(path.read_bytes()).hexdigest() != about["weights_sha256"]:
        raise ValueError(f"{path.name} is not the file that its card describes. Rebuild the zoo.")
    if scale is not None:
        forecaster.scale.fill_(scale)
    return forecaster.eval()


def load_weights(module: nn.Module, path: Path) -> None:
    """Fill a module from a safetensors file, every tensor of the right name and shape.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a safetensors file, weights of another network, or no finite ones.
    """
    if not path.is_file():
        raise FileNotFoundError(f"No weights at {path}.")
    try:
        weights = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} is not a safetensors file: {error}.") from error
    expected = module.state_dict()
    for key in sorted(expected.keys() | weights.keys()):
        wanted = tuple(expected[key].shape) if key in expected else None
        found = tuple(weights[key].shape) if key in weights else None
        if wanted != found:
            raise ValueError(
                f"{path.name} does not fit the network: {key!r} should have shape {wanted}, "
                f"got {found}. Use the weights that belong to this specification."
            )
        if not torch.isfinite(weights[key]).all():
            raise ValueError(
                f"{path.name} holds numbers that are not finite, in {key!r}. "
                "Its training diverged: train again with smaller steps."
            )
    module.load_state_dict(weights)


def save_model(
    name: str,
    forecaster: NetworkForecaster | Wrapper,
    spec: ForecasterSpec,
    about: dict,
    folder: Path | None = None,
) -> dict:
    """Write weights and card atomically, the card last; returns the card."""
    folder = folder or directory()
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().cpu().contiguous() for k, v in forecaster.state_dict().items()}
    content = save(tensors)
    written = {
        "name": name,
        "specification": spec.to_json(),
        **about,
        "weights_sha256": hashlib.sha256(content).hexdigest(),
        "torch": torch.__version__,
    }
    write_whole(folder / f"{name}.safetensors", content)
    write_whole(folder / f"{name}.json", (json.dumps(written, indent=2) + "\n").encode())
    return written
