"""The mean over a finite group: equivariance by brute force, for any network."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.models.wrappers.wrapper import Wrapper
from symdyn_core.symmetries import Reflection, Rotation, Symmetry, Translation

QUARTERS = (0.0, 90.0, 180.0, 270.0)
"""The angles of C_4, in degrees."""


class Averaged(Wrapper):
    """``f(w) = 1/|G| sum_g g^-1 . p(g . w)``, exactly equivariant to the group G, for any p.

    It costs |G| forecasts, made as one batch where their shapes agree, and |G| times the memory.
    The upper bound for retrofitting a trained network, and the reference for cheaper ways. Off the
    group nothing is gained, and a mean over a network's different answers is smoother than each.

    Inside, a forecaster that reads the grid (drift, grid units) is shown turned windows on the
    grid that it knows: quarter turns then want cells that are square, and axes that repeat alike.

    Args:
        forecaster: p.
        symmetry: whose elements are used; they must act without interpolation and close.
        elements: G; what is listed twice counts once. Quarter turns (and mirrors) if not given.
        grid: of the windows, for the periodicity and, for shifts, the number of cells. If not
            given, axes are open and of any length.

    Raises:
        ValueError: elements that act inexactly or form no group, or none given where needed.
    """

    def __init__(
        self,
        forecaster: Forecaster,
        symmetry: Symmetry,
        elements: Sequence[Element] | None = None,
        grid: Grid | None = None,
    ):
        super().__init__(forecaster)
        self.symmetry = symmetry
        listed = quarter_turns(symmetry) if elements is None else elements
        self.grid = None if grid is None else grid.with_(water=None)
        self.elements = self._distinct(listed)
        self._check_group()

    def forward(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> Float[Tensor, "batch component y x"]:
        grid = self._grid_of(window)
        moved = [self.symmetry.act_on_field(g, window, grid)[0] for g in self.elements]
        grids = [self.symmetry.act_on_grid(g, grid) for g in self.elements]
        forecasts = self._forecasts(moved)
        back = [
            self.symmetry.act_on_field(self.symmetry.inverse(g), forecast[:, None], turned, lead=1)
            for g, forecast, turned in zip(self.elements, forecasts, grids, strict=True)
        ]
        return torch.stack([frame[:, 0] for frame, _ in back]).mean(0)

    def _forecasts(self, windows: list[Tensor]) -> list[Tensor]:
        """p of every window, those of one shape together."""
        forecasts: dict[int, Tensor] = {}
        for shape in dict.fromkeys(w.shape for w in windows):
            alike = [n for n, w in enumerate(windows) if w.shape == shape]
            joined = self.forecaster(torch.cat([windows[n] for n in alike]))
            forecasts |= dict(zip(alike, joined.chunk(len(alike)), strict=True))
        return [forecasts[n] for n in range(len(windows))]

    def _grid_of(self, window: Tensor) -> Grid:
        if self.grid is None:
            return Grid(*window.shape[-2:])
        return self.grid

    def _distinct(self, elements: Sequence[Element]) -> list[Element]:
        return list({self._key(element): element for element in elements}.values())

    def _key(self, element: Element) -> tuple[float, ...]:
        """Equal for elements that act alike: whole turns and whole rounds do nothing."""
        reduced = self.symmetry.compose(element, self.symmetry.identity())
        numbers = reduced if isinstance(reduced, tuple) else (reduced,)
        if isinstance(self.symmetry, Translation) and self.grid is not None:
            numbers = (numbers[0] % self.grid.nx, numbers[1] % self.grid.ny)
        if isinstance(self.symmetry, Rotation | Reflection):
            numbers = (round(numbers[0], 6) % 360, *numbers[1:])
        return tuple(round(float(number), 6) for number in numbers)

    def _check_group(self) -> None:
        symmetry, grid = self.symmetry, self.grid or Grid(1, 1)
        inexact = [g for g in self.elements if not symmetry.is_exact(g, grid)]
        if inexact:
            raise ValueError(
                f"A mean over {symmetry.name} is exact over elements that act without "
                f"interpolation, got {inexact[0]!r}. Use quarter turns, mirrors, or whole cells "
                "on periodic axes with their grid."
            )
        keys = {self._key(g) for g in self.elements}
        products = (symmetry.compose(g, h) for g in self.elements for h in self.elements)
        missing = [g for g in products if self._key(g) not in keys]
        if not self.elements or missing:
            raise ValueError(
                f"The elements {self.elements} of {symmetry.name} form no group: "
                f"{missing[0] if missing else 'not even the identity'} is missing. "
                "Add every product of two elements."
            )

    def read(self, grid: Grid) -> None:
        self.grid = grid.with_(water=None)
        self._check_group()

    def around_scaled(self, scaled: Any, factor: float) -> Wrapper | None:
        """Turns and mirrors about the centre commute with scaling, shifts do not."""
        if not isinstance(self.symmetry, Rotation | Reflection):
            return None
        return Averaged(scaled, self.symmetry, self.elements, self.grid)


def quarter_turns(symmetry: Symmetry) -> list[Element]:
    """The elements of C_4 (of ``Rotation``) or D_4 (of ``Reflection``).

    Raises:
        ValueError: a symmetry without quarter turns.
    """
    if isinstance(symmetry, Rotation):
        return list(QUARTERS)
    if isinstance(symmetry, Reflection):
        return [(angle, mirrored) for mirrored in (0.0, 1.0) for angle in QUARTERS]
    raise ValueError(f"Say over which elements of {symmetry.name} the mean is taken.")
