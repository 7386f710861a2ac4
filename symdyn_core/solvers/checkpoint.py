"""Checkpoints of a run: tensors and a JSON record in one file that is whole or not there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from symdyn_core.whole_files import write_whole

RECORD = "record"


def save_checkpoint(path: str | Path, tensors: dict[str, torch.Tensor], record: Any) -> None:
    """Write ``tensors`` as safetensors with ``record`` as JSON in its header.

    One file, so that state and record cannot come from different moments; it is written under a
    temporary name, forced to the disk and renamed, so that a crash leaves the older one.
    """
    path = Path(path)
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_whole(path, save(on_cpu, metadata={RECORD: json.dumps(record)}))


def load_checkpoint(
    path: str | Path, device: torch.device | str = "cpu"
) -> tuple[dict[str, torch.Tensor], Any]:
    """The tensors and the record of a checkpoint.

    Raises:
        FileNotFoundError: no checkpoint there.
        ValueError: damaged, or not a checkpoint.
    """
    with _opened(path) as file:
        record = json.loads(file.metadata()[RECORD])
        # Copied out of the mapped file: aligned memory, as in a run that was never stopped.
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    return {name: tensor.to(device) for name, tensor in tensors.items()}, record


def load_record(path: str | Path) -> Any:
    """The record of a checkpoint alone, without its tensors; errors as in ``load_checkpoint``."""
    with _opened(path) as file:
        return json.loads(file.metadata()[RECORD])


@contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    """The file, with its defects named."""
    if not Path(path).exists():
        raise FileNotFoundError(f"No checkpoint at '{path}'. Start the run from its beginning.")
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"Expected a checkpoint at '{path}', got {type(error).__name__}: {error}. "
            "Delete the file to start the run from its beginning."
        ) from None
