"""Weights and training state on disk: whole, or not there at all."""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from symdyn_core.training.settings import Record
from symdyn_core.whole_files import write_whole

FORMAT = 1
"""Layout of the training state; a state with another number is refused."""


def copy_weights(forecaster: nn.Module) -> dict[str, Tensor]:
    """All weights and buffers as contiguous copies on the processor.

    Copies: the tensors of ``state_dict()`` itself change with the next training step.
    """
    return {
        name: value.detach().to("cpu", copy=True).contiguous().clone()
        for name, value in forecaster.state_dict().items()
    }


def save_weights(weights: dict[str, Tensor], path: Path, **facts: str) -> None:
    """Write weights as safetensors, with a few facts in its header."""
    write_whole(path, safetensors.torch.save(weights, metadata=facts or None))


def load_weights(path: Path) -> dict[str, Tensor]:
    """Read weights written by ``save_weights``."""
    try:
        return safetensors.torch.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise ValueError(
            f"Expected weights in {path}, got: {error}. Train again in an empty directory."
        ) from error


def restore(forecaster: nn.Module, weights: dict[str, Tensor], path: Path) -> None:
    """Load weights that came from ``path`` into a forecaster they must fit."""
    try:
        forecaster.load_state_dict(weights)
    except RuntimeError as error:
        problem = str(error).splitlines()[-1].strip()
        raise ValueError(
            f"The weights in {path} do not fit this forecaster: {problem} "
            "Build it with the specification it was trained with."
        ) from None


def save_state(state: dict[str, Any], path: Path) -> None:
    """Write a training state: numbers, strings, tensors, and lists and dictionaries of them."""
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **state}, buffer)
    write_whole(path, buffer.getvalue())


def load_state(path: Path) -> dict[str, Any]:
    """Read a training state; only numbers, strings and tensors are ever constructed."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["format"] == FORMAT:
            return state
        problem = f"format {state['format']}, this version reads {FORMAT}"
    except Exception as error:  # damaged bytes raise a dozen kinds of errors
        problem = f"{type(error).__name__}: {str(error).splitlines()[0]}" if str(error) else "?"
    raise ValueError(
        f"Expected a training state in {path}, got {problem}. "
        "Remove its directory to train from the start."
    )


def write_log(records: Iterable[Record], path: Path) -> None:
    """Write the log of a run as CSV, one row per epoch.

    The whole table is written each time, so that a run that was interrupted and continued
    repeats no row and misses none.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, Record.columns(), lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(record) for record in records)
    write_whole(path, text.getvalue().encode())


def random_state(device: torch.device) -> dict[str, Tensor]:
    """State of the random number generators that a network on ``device`` may draw from."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


@contextmanager
def random_numbers(state: dict[str, Tensor], device: torch.device) -> Iterator[None]:
    """Draw from ``state`` inside, and leave everyone else's random numbers as they were."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.set_rng_state(state["cpu"])
        if "cuda" in state:
            torch.cuda.set_rng_state(state["cuda"], device)
        yield
