"""What a wrapper is: a forecaster around a forecaster, with one symmetry more."""

import copy
from abc import ABC, abstractmethod
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import Forecaster, receptive_radius


class Wrapper(nn.Module, ABC):
    """A forecaster that calls another one in a frame, unit or orientation of its choice.

    It shows what its forecaster shows (``past``, ``network``, ``scale``), so that whoever trains,
    counts, opens or audits a forecaster need not know whether it is wrapped. Wrappers hold no
    weights of their own unless they are given a learned part.

    Args:
        forecaster: anything that maps (batch, past, component, y, x) to (batch, component, y, x).

    Raises:
        TypeError: a forecaster that does not say how many frames it needs.
    """

    def __init__(self, forecaster: Forecaster):
        super().__init__()
        if not hasattr(forecaster, "past"):
            raise TypeError(
                f"A wrapper goes around a forecaster, got {type(forecaster).__name__} without an "
                "attribute `past`. Give it one, the number of its input frames."
            )
        self.forecaster: Any = forecaster
        self.past = forecaster.past

    @abstractmethod
    def forward(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> Float[Tensor, "batch component y x"]: ...

    @property
    def network(self) -> nn.Module:
        """The network in the middle, if there is one."""
        return self.forecaster.network

    @property
    def scale(self) -> Tensor:
        """Unit of velocity of the forecaster inside, if it has one."""
        return self.forecaster.scale

    @property
    def receptive_radius(self) -> int | None:
        """Reach, in cells, of the forecaster inside: the local part of the dependence.

        The mean velocity, the root mean square and the orientation are statistics of the whole
        field, and a drift carries the flow by as many cells as it moves within the window. Neither
        is part of this number, so ``scored_region`` leaves out the margin of the network alone,
        and what a transformation changes in the statistics, by flow that enters or leaves the
        patch, counts as an error of the forecaster: it is one.
        """
        return receptive_radius(self.forecaster)

    def on(self, grid: Grid):
        """A copy that reads its window on another grid, nested wrappers included.

        The grid decides how many cells a velocity drifts in a time step (``InMeanFrame`` with a
        drift), what the unit of velocity is (``InUnits`` with a grid) and how the elements of a
        group act (``Averaged``). Weights are copied too.
        """
        moved = copy.deepcopy(self)
        for module in moved.modules():
            if isinstance(module, Wrapper):
                module.read(grid)
        return moved

    def read(self, grid: Grid) -> None:
        """Take spacing, time step and periodicity from ``grid``, in place; here there are none."""

    def at_scale(self, factor: float | int) -> "Wrapper | None":
        """The forecaster g with f(T_a w) = T_a g(w), T the scaling by a; None if there is none.

        g has copies of the weights of f; it sees more frames, and its forecast lies a² steps ahead.
        """
        inner = getattr(self.forecaster, "at_scale", None)
        scaled = None if inner is None else inner(factor)
        return None if scaled is None else self.around_scaled(scaled, float(factor))

    @abstractmethod
    def around_scaled(self, scaled: Any, factor: float) -> "Wrapper | None":
        """This wrapper's g around that of its forecaster."""
