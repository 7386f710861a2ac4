"""Translation in space."""

from dataclasses import dataclass

import torch
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.layers import LayerKit, PlainKit
from symdyn_core.resampling import TOLERANCE, sample_lines
from symdyn_core.symmetries.symmetry import Parameter, Symmetry, everywhere, pair, spread


@dataclass(frozen=True)
class Translation(Symmetry):
    """``w -> w(x - a, t)``; the element is a in cells, along x and y.

    Whole cells are moved by index. What would enter through an open edge is unknown: those cells
    repeat the edge and are marked invalid.
    """

    name: str = "translation"
    title: str = "Translation"
    action: str = r"w(x, t) \mapsto w(x - a, t)"
    parameters: tuple[Parameter, ...] = (
        Parameter("eastward shift", "cells", -16.0, 16.0, 0.5, 0.0),
        Parameter("northward shift", "cells", -16.0, 16.0, 0.5, 0.0),
    )

    def act_on_field(self, element: Element, w: Tensor, grid: Grid, lead: int = 0):
        grid.check(w)
        a_x, a_y = pair(element, self.name)
        if a_x == 0 and a_y == 0:
            return w.clone(), everywhere(w, grid)
        if _is_whole(a_x) and _is_whole(a_y):
            return self._by_index(w, round(a_x), round(a_y), grid)
        rows, columns = torch.arange(grid.ny).double(), torch.arange(grid.nx).double()
        moved, valid = sample_lines(w, rows - a_y, columns - a_x, grid)
        return moved, valid.expand(w.shape[-4], 1, *grid.shape)

    def _by_index(self, w: Tensor, a_x: int, a_y: int, grid: Grid):
        rows, inside_y = _shifted(grid.ny, a_y, grid.periodic_y)
        columns, inside_x = _shifted(grid.nx, a_x, grid.periodic_x)
        rows, columns = rows.to(w.device), columns.to(w.device)
        valid = (inside_y[:, None] & inside_x[None, :]).to(w.device)
        if grid.water is not None:
            valid = valid & grid.water.to(w.device)[rows][:, columns]
        moved = w.index_select(-2, rows).index_select(-1, columns)
        return moved, valid.expand(w.shape[-4], 1, *grid.shape)

    def act_on_grid(self, element: Element, grid: Grid) -> Grid:
        if grid.water is None and self.is_exact(element, grid):
            return grid
        window = torch.zeros(1, 2, *grid.shape)
        _, valid = self.act_on_field(element, window, grid)
        return grid.with_(water=valid[0, 0])

    def identity(self) -> Element:
        return 0.0, 0.0

    def inverse(self, element: Element) -> Element:
        a_x, a_y = pair(element, self.name)
        return -a_x, -a_y

    def compose(self, first: Element, second: Element) -> Element:
        (a_x, a_y), (b_x, b_y) = pair(first, self.name), pair(second, self.name)
        return a_x + b_x, a_y + b_y

    def random_element(self, generator: torch.Generator) -> Element:
        """Whole cells, each component from -8 to 8."""
        a_x, a_y = torch.randint(-8, 9, (2,), generator=generator).tolist()
        return float(a_x), float(a_y)

    def elements(self, count: int) -> list[Element]:
        return [(float(round(a)), 0.0) for a in spread(-16.0, 16.0, count)]

    def is_exact(self, element: Element, grid: Grid) -> bool:
        a_x, a_y = pair(element, self.name)
        on_periodic = (a_x == 0 or grid.periodic_x) and (a_y == 0 or grid.periodic_y)
        return on_periodic and _is_whole(a_x) and _is_whole(a_y)

    def kit(self, periodic: tuple[bool, bool] = (False, False), kernel_size: int = 3) -> LayerKit:
        return PlainKit(periodic=periodic, kernel_size=kernel_size)


def _is_whole(a: float) -> bool:
    return abs(a - round(a)) < TOLERANCE


def _shifted(cells: int, shift: int, periodic: bool) -> tuple[Tensor, Tensor]:
    """Source index of every cell after a shift, and whether that source exists."""
    source = torch.arange(cells) - shift
    if periodic:
        return source % cells, torch.ones(cells, dtype=torch.bool)
    return source.clamp(0, cells - 1), (source >= 0) & (source < cells)
