"""A benchmark as one object: what was measured, where, with which versions."""

import importlib.metadata
import json
import math
import platform
from dataclasses import asdict
from pathlib import Path

import torch

from symdyn_core import __version__
from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.experiments.machine import hardware
from symdyn_core.whole_files import write_whole

PACKAGES = ("torch", "numpy", "e2cnn", "escnn")


def report(rows: list[dict], conditions: Conditions, skipped: list[dict]) -> dict:
    """The public contract of ``symdyn bench --json``: hardware, versions, rows.

    Args:
        rows: of all measurements.
        conditions: under which they ran.
        skipped: name and reason of what could not be measured.
    """
    return {
        "hardware": hardware(),
        "versions": versions(),
        "settings": asdict(conditions),
        "skipped": skipped,
        "rows": rows,
    }


def versions() -> dict[str, str]:
    """Of this package, Python, CUDA and the libraries that are compared."""
    found = {"symdyn": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    found["torch"] = torch.__version__  # with the build, which the metadata may leave out
    if torch.version.cuda:
        found["cuda"] = torch.version.cuda
    return found


def default_path(group: str, conditions: Conditions) -> Path:
    """``benchmarks/results/<group>-<device>.json`` of the clone, or of the current directory."""
    name = torch.device(conditions.device).type
    if conditions.precision != "float32":
        name += f"-{conditions.precision}"
    clone = Path(__file__).resolve().parents[2] / "benchmarks"
    folder = clone if clone.is_dir() else Path("benchmarks")
    return folder / "results" / f"{group}-{name}.json"


def write_report(path: Path, found: dict) -> None:
    """Write the object, whole or not at all."""
    write_whole(path, (json.dumps(_rounded(found), indent=1) + "\n").encode())


def _rounded(value):
    """Numbers to six digits: more would be noise, and would change at every run."""
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.6g}")
    return value
