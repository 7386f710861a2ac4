"""A short, compressible piece of a flow, small enough to come with the source code."""

import json
from pathlib import Path

import numpy as np
import xarray as xr

from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.squares import cut_squares
from symdyn_core.datasets.store import open_flow, write_flow
from symdyn_core.paths import data_directory

SIDE = 64
"""Cells along the side of a square of the demo flows: what the models of the zoo saw."""


def demo_slice(
    flow: xr.Dataset, frames: int = 120, *, gap: int = 17, mantissa_bits: int = 7
) -> xr.Dataset:
    """The last frames of the test part, velocities only, rounded so that they compress.

    Kept to ``mantissa_bits`` bits after the leading one, a velocity errs by at most 2^-8 of
    itself (7 bits; 0.17 % in the mean square), far less than any forecast; 120 frames of
    448 x 64 cells then take about 10 MB instead of 27.

    Args:
        flow: the whole cell, not yet cut.
        frames: how many.
        gap: frames between the parts, past + future - 1 of the windows that models were trained
            on; the frames are test data for those models.
        mantissa_bits: 1 to 23; 23 keeps every bit.

    Raises:
        ValueError: more frames than the test part has, or no such precision.
    """
    test = split_in_time(flow, gap=gap)[-1]
    if not 1 <= frames <= test.sizes["time"]:
        raise ValueError(
            f"Expected 1 to {test.sizes['time']} frames, the length of the test part, got {frames}."
        )
    demo = test[["u", "v"]].isel(time=slice(-frames, None))
    for name in ("u", "v"):
        demo[name] = demo[name].copy(data=rounded(demo[name].values, mantissa_bits))
    provenance = json.loads(flow.attrs.get("provenance") or "{}")
    provenance["demo"] = {"frames": frames, "mantissa_bits": mantissa_bits}
    return demo.assign_attrs(flow.attrs, provenance=json.dumps(provenance))


def rounded(values: np.ndarray, mantissa_bits: int) -> np.ndarray:
    """Float32 numbers rounded to the nearest (ties to even) with so many mantissa bits.

    The bits after those are zero, which any compressor finds. Klöwer et al. (2021), Nat. Comput.
    Sci. 1, 713.
    """
    if not 1 <= mantissa_bits <= 23:
        raise ValueError(f"Expected 1 to 23 mantissa bits of a float32, got {mantissa_bits}.")
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    dropped = 23 - mantissa_bits
    if dropped == 0:
        return bits.view(np.float32).copy()
    odd = (bits >> np.uint32(dropped)) & np.uint32(1)
    below_half = np.uint32((1 << (dropped - 1)) - 1)
    kept = np.uint32(0xFFFFFFFF ^ ((1 << dropped) - 1))
    return ((bits + below_half + odd) & kept).view(np.float32)


def write_demo_of(flow: xr.Dataset, name: str, frames: int, *, gap: int) -> Path:
    """Write the demo slice of a simulated flow, at most ``frames`` long, as ``data/demo/<name>``.

    Args:
        gap: see ``demo_slice``.
    """
    frames = min(frames, split_in_time(flow, gap=gap)[-1].sizes["time"])
    target = data_directory() / "demo" / f"{name}.zarr"
    return write_flow(demo_slice(flow, frames, gap=gap), target, chunks={"time": -(-frames // 2)})


def open_demo(name: str = "rayleigh_benard") -> xr.Dataset:
    """A flow that comes with the project, as squares of 64 x 64 cells.

    ``rayleigh_benard`` is convection, seven squares side by side; ``quasi_geostrophic`` daily
    currents of an ocean, four quarters of it. Their frames are test data for the models of the zoo.

    Raises:
        FileNotFoundError: no such demo flow; the message says how to make it.
    """
    path = data_directory() / "demo" / f"{name}.zarr"
    if not path.exists():
        raise FileNotFoundError(f"No demo flow at {path}. Make it with `symdyn zoo build`.")
    flow = open_flow(path)
    return cut_squares(flow, size=min(SIDE, flow.sizes["y"]))
