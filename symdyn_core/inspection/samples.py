"""A few frames of a flow, spread evenly over it, and what is measured on them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core import operators
from symdyn_core.datasets import schema
from symdyn_core.grid import Grid
from symdyn_core.spectra import energy_spectrum

FRAMES = 16
"""Frames on which spectra, gradients and histograms are measured, spread evenly."""

BINS = 60
"""Bins of a histogram."""

SMALLEST_SQUARE = 24
"""Sides [cells] of the smallest square without land that is preferred to a masked field: with
less there are too few scales between its sides and its cells."""


def sampled(flow: xr.Dataset, frames: int = FRAMES) -> Iterator[tuple[int, Tensor]]:
    """(member, ``Float[component y x]``) of frames spread evenly over members and times.

    Land is 0. One frame is held at a time.
    """
    members, times = schema.members_of(flow), flow.sizes["time"]
    count = min(frames, members * times)
    for place in np.unique(np.linspace(0, members * times - 1, count).round().astype(int)):
        member, time = divmod(int(place), times)
        part = flow[["u", "v"]].isel(time=time)
        part = (part.isel(member=member) if "member" in part.dims else part).load()
        w = torch.from_numpy(np.stack([part[name].to_numpy() for name in ("u", "v")]))
        yield member, torch.nan_to_num(w, nan=0.0)


@dataclass(frozen=True)
class Region:
    """The cells that a spectrum is measured on.

    Attributes:
        rows, columns: which part of the field.
        grid: of that part; its land, if any, is masked.
        words: what it is.
    """

    rows: slice
    columns: slice
    grid: Grid
    words: str

    def fits(self, grid: Grid) -> bool:
        """Whether the same cells of another member are water."""
        if self.grid.water is not None:
            return grid.water is not None and torch.equal(grid.water, self.grid.water)
        return grid.water is None or bool(grid.water[self.rows, self.columns].all())


def region_of(grid: Grid) -> Region:
    """The whole field, or the largest square without land where there is land.

    Coasts scatter energy to all wavenumbers. Squares below ``SMALLEST_SQUARE`` cells are worse.
    """
    rows, columns = slice(0, grid.ny), slice(0, grid.nx)
    if grid.water is None:
        return Region(rows, columns, grid, "the whole field")
    side, y, x = largest_square(grid.water)
    if side < SMALLEST_SQUARE:
        words = f"the whole field, land as 0: no square of {SMALLEST_SQUARE} cells is free of it"
        return Region(rows, columns, grid, words)
    part = grid.with_(ny=side, nx=side, periodic_y=False, periodic_x=False, water=None)
    words = f"the largest square without land, {side} x {side} cells"
    return Region(slice(y, y + side), slice(x, x + side), part, words)


def largest_square(water: Bool[Tensor, "y x"]) -> tuple[int, int, int]:
    """(side, first row, first column) of the largest square of water; a side of 0 if there is none.

    Sums over all squares of one size come from an integral image; the size is found by halving.
    """
    total = np.pad(water.numpy().astype(np.int64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    def corner(side: int) -> tuple[int, int] | None:
        sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side]
        places = np.argwhere(sums + total[:-side, :-side] == side * side)
        return (int(places[0][0]), int(places[0][1])) if len(places) else None

    low, high = 0, min(water.shape)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if corner(middle) else (low, middle - 1)
    return (low, *(corner(low) or (0, 0))) if low else (0, 0, 0)


@dataclass(frozen=True)
class Samples:
    """What was measured on the sampled frames.

    Attributes:
        region: the cells of the spectrum.
        spectrum: mean energy in each of its rings [velocity²]; None where it was not measured.
        spectra: how many frames it is the mean of.
        divergence, vorticity: root mean squares over cells whose neighbours are water [1/time];
            None where no cell is.
        edges, counts: of histograms ``[component, bin]`` over water.
        frames: how many were sampled.
    """

    region: Region
    spectrum: Float[Tensor, " ring"] | None
    spectra: int
    divergence: float | None
    vorticity: float | None
    edges: np.ndarray
    counts: np.ndarray
    frames: int


def measured(flow: xr.Dataset, largest: float) -> Samples:
    """Spectrum, gradients and histograms of the sampled frames.

    Members may differ in their spacing; the mean one is taken for the rings. The spectrum is that
    of the member with the least land, and of those that are water where it is.

    Args:
        largest: magnitude of a component that no frame exceeds.
    """
    grids = [schema.grid_of(flow, member) for member in range(schema.members_of(flow))]
    wettest = min(grids, key=lambda grid: 0 if grid.water is None else int((~grid.water).sum()))
    region = region_of(wettest.with_(dx=float(flow.attrs["dx"]), dy=float(flow.attrs["dy"])))
    edges = np.linspace(-largest, largest, BINS + 1)
    counts, squares, cells = np.zeros((2, BINS)), np.zeros(2), 0
    spectra, frames = [], 0
    for member, w in sampled(flow):
        grid = grids[member]
        wet = w.flatten(1) if grid.water is None else w[:, grid.water]
        counts += [np.histogram(component.numpy(), edges)[0] for component in wet]
        gradients, known = _gradients(w, grid)
        squares += gradients[:, known].double().square().sum(1).numpy()
        cells += int(known.sum())
        if region.fits(grid):
            land = region.grid.water
            part = w[:, region.rows, region.columns].double()
            spectra.append(energy_spectrum(part, region.grid, None if land is None else land[None]))
        frames += 1
    divergence, vorticity = (math.sqrt(s / cells) if cells else None for s in squares)
    return Samples(
        region,
        torch.stack(spectra).mean(0) if spectra else None,
        len(spectra),
        divergence,
        vorticity,
        edges,
        counts,
        frames,
    )


def _gradients(
    w: Float[Tensor, "component y x"], grid: Grid
) -> tuple[Float[Tensor, "2 y x"], Bool[Tensor, "y x"]]:
    """(divergence and vorticity, where they are known)."""
    known = torch.ones(grid.shape, dtype=torch.bool)
    slopes = {}
    for axis, dim in (("x", -1), ("y", -2)):
        periodic = grid.periodic_x if axis == "x" else grid.periodic_y
        if periodic and grid.water is None:
            slopes[axis] = operators.derivative(w, grid, axis)
            continue
        spacing = grid.dx if axis == "x" else grid.dy
        slopes[axis] = centred_difference(w, dim) / spacing
        known &= _inside(grid, dim, periodic)
    (u_x, v_x), (u_y, v_y) = slopes["x"], slopes["y"]
    return torch.stack((u_x + v_y, v_x - u_y)), known


def centred_difference(w: Float[Tensor, "*lead y x"], dim: int) -> Float[Tensor, "*lead y x"]:
    """Fourth-order first derivative per cell along an axis that is taken to repeat."""
    near = w.roll(-1, dim) - w.roll(1, dim)
    far = w.roll(-2, dim) - w.roll(2, dim)
    return (8 * near - far) / 12


def _inside(grid: Grid, dim: int, periodic: bool) -> Bool[Tensor, "y x"]:
    """Cells whose neighbours up to two cells away along an axis are water of the grid."""
    inside = torch.ones(grid.shape, dtype=torch.bool) if grid.water is None else grid.water.clone()
    water = inside.clone()
    for shift in (-2, -1, 1, 2):
        inside &= water.roll(shift, dim)
    if not periodic:
        along = inside.movedim(dim, 0)
        along[:2], along[-2:] = False, False
    return inside
