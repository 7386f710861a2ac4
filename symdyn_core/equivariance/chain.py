"""Several group elements of several symmetries, one after the other.

Every link acts on what the link before it left: w -> g_n ... g_2 g_1 w. At most one of them
rescales time, so that the whole chain has one pace; the others see the clock of the flow they act
on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.equivariance.error import reach_of_steps
from symdyn_core.equivariance.pace import Pace, pace_of
from symdyn_core.equivariance.time_rescaling import respaced, zoomed
from symdyn_core.grid import Element, Grid
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.scored_region import scored_region
from symdyn_core.symmetries import Scaling, Symmetry

Known = Bool[Tensor, "y x"]


@dataclass(frozen=True)
class Link:
    """One group element of one symmetry."""

    symmetry: Symmetry
    element: Element

    @property
    def rescales(self) -> bool:
        """Whether time runs at another pace afterwards."""
        return isinstance(self.symmetry, Scaling) and not self.is_identity

    @property
    def is_identity(self) -> bool:
        """Whether nothing changes."""
        return self.element == self.symmetry.identity()

    @property
    def inverse(self) -> "Link":
        """What undoes it."""
        return Link(self.symmetry, self.symmetry.inverse(self.element))


class Chain:
    """Group elements applied to windows and to what follows them.

    Args:
        links: from the first that acts to the last.

    Attributes:
        pace: how far a forecast of one lead reaches in the recorded and in the moved flow.

    Raises:
        ValueError: two links that rescale time: compose them into one.
    """

    def __init__(self, links: Iterable[Link]):
        self.links: tuple[Link, ...] = tuple(links)
        rescaling = [n for n, link in enumerate(self.links) if link.rescales]
        if len(rescaling) > 1:
            raise ValueError(
                f"A chain rescales at most once, got {len(rescaling)} scalings. Multiply their "
                "factors into one."
            )
        self._rescaling: int | None = rescaling[0] if rescaling else None
        self.pace: Pace = Pace() if self._scaling is None else pace_of(*_parts(self._scaling))

    @property
    def _scaling(self) -> Link | None:
        return None if self._rescaling is None else self.links[self._rescaling]

    @property
    def is_identity(self) -> bool:
        """Whether nothing changes."""
        return all(link.is_identity for link in self.links)

    @cached_property
    def inverse(self) -> "Chain":
        """The chain that undoes this one."""
        return Chain(link.inverse for link in reversed(self.links))

    def is_exact(self, grid: Grid) -> bool:
        """Whether it acts without interpolation and leaves no cell unknown."""
        for link in self.links:
            if not link.symmetry.is_exact(link.element, grid):
                return False
            grid = link.symmetry.act_on_grid(link.element, grid)
        return True

    def act_on_grid(self, grid: Grid) -> Grid:
        """The grid of the moved flow; cells that are not known are not water."""
        for link in self.links:
            grid = link.symmetry.act_on_grid(link.element, grid)
        return grid

    def window(
        self, history: Float[Tensor, "time component y x"], frames: int, grid: Grid
    ) -> tuple[Float[Tensor, "frames component new_y new_x"], Bool[Tensor, "new_y new_x"]]:
        """The moved window, and where it is known in all of its frames.

        Args:
            history: recorded frames up to now, ``pace.history`` of them.
            frames: frames of the moved flow that are wanted, where time is rescaled; else all.
        """
        w, known = history, None
        for link in self.links:
            if link.rescales:
                w = respaced(w, float(self.pace.rate), frames)
                w, known = zoomed(link.symmetry, link.element, w, grid)
            else:
                w, valid = link.symmetry.act_on_field(link.element, w, grid)
                known = valid.all(dim=0)[0]
            grid = _after(link, grid, known)
        return w, _water(grid, history) if known is None else known

    def frame(
        self,
        before: Float[Tensor, "past component y x"],
        future: Float[Tensor, "lead component y x"],
        lead: int,
        grid: Grid,
    ) -> tuple[Float[Tensor, "component new_y new_x"], Bool[Tensor, "new_y new_x"]]:
        """The frame of one lead of a continuation, moved; and where it is known.

        Args:
            before: the frames up to now that it continues, needed where time is interpolated.
            future: the continuation, one frame for each lead.
        """
        w, known = future[lead - 1 : lead], None
        for n, link in enumerate(self.links):
            if link.rescales and not self.pace.whole:
                w, known, grid = self._between(before, future, lead, grid)
            elif link.rescales:
                w, known = zoomed(link.symmetry, link.element, w, grid)
            elif not self._interpolated_after(n):
                steps = lead * self._steps_at(n)
                w, valid = link.symmetry.act_on_field(link.element, w, grid, lead=steps)
                known = valid[0, 0]
            else:
                # Moved together with its neighbours in time, just before they are interpolated.
                continue
            grid = _after(link, grid, known)
        return w[0], _water(grid, future) if known is None else known

    def _between(self, before, future, lead: int, grid: Grid) -> tuple[Tensor, Known, Grid]:
        """A frame between frames: those around it are moved first, and then interpolated.

        Returns it as (1, component, y, x), where it is known, and the grid before the scaling.
        """
        joined = torch.cat((before, future))
        for link in self.links[: self._rescaling]:
            joined, valid = link.symmetry.act_on_field(link.element, joined, grid, lead=len(future))
            grid = _after(link, grid, valid.all(dim=0)[0])
        scaling = self._scaling
        assert scaling is not None
        moved, valid = scaling.symmetry.act_on_field(
            scaling.element, joined, grid, lead=len(future)
        )
        n = len(before) - 1 + lead
        return moved[n : n + 1], valid[n, 0], grid

    def _interpolated_after(self, n: int) -> bool:
        """Whether link n comes before an interpolation in time."""
        return not self.pace.whole and self._rescaling is not None and n < self._rescaling

    def _steps_at(self, n: int) -> int:
        """Frames to a lead of the flow that link n acts on."""
        if self._rescaling is None or not self.pace.whole:
            return 1
        return self.pace.recorded if n < self._rescaling else self.pace.moved

    def compared(
        self, forecaster: Forecaster, known: Bool[Tensor, "y x"], grid: Grid
    ) -> Bool[Tensor, "y x"]:
        """The cells on which f(g w) and g f(w) may be compared; see ``scored_region``.

        Args:
            known: where g w and g f(w) are known.
            grid: of the recorded flow.
        """
        margin = None
        if self._scaling is not None and self.pace.whole:
            margin = reach_of_steps(forecaster, grid, self._scaling.element)
        return scored_region(
            forecaster,
            known,
            grid,
            self.act_on_grid(grid),
            exact=self.is_exact(grid),
            margin=margin,
        )


def _parts(link: Link) -> tuple[Symmetry, Element]:
    return link.symmetry, link.element


def _water(grid: Grid, w: Tensor) -> Known:
    water = torch.ones(grid.shape, dtype=torch.bool) if grid.water is None else grid.water
    return water.to(w.device)


def _after(link: Link, grid: Grid, known: Known) -> Grid:
    """The grid that the next link acts on: what is not known is no water to it."""
    moved = link.symmetry.act_on_grid(link.element, grid)
    return moved if bool(known.all()) else moved.with_(water=known.cpu())
