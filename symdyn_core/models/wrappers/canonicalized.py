"""Canonicalization: forecast in a standard pose of the flow, then undo the pose.

    f(w) = g(w) . p( g(w)^-1 . w ),   with  g(h . w) = h g(w)  for all h of a group

makes any forecaster p equivariant to the group (Kaba et al., ICML 2023, arXiv 2211.06489). The
pose g(w) is found in closed form (mean velocity, strength, orientation) or by a learned module.
"""

from typing import Any, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.models.wrappers.wrapper import Wrapper


@runtime_checkable
class Canonicalizer(Protocol):
    """Finds the pose of each window of a batch, takes it off and puts it on again.

    Closed-form poses are frozen dataclasses, learned ones modules with weights; both only need
    the two methods below. Optional are ``on(grid)``, the same canonicalizer reading another grid,
    and ``at_scale(factor)``, the one whose pose of w undoes that of the scaled T_a w.
    """

    def canonical(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> tuple[Float[Tensor, "batch past component y x"], Any]:
        """g(w)^-1 . w, and g(w) in whatever form ``restored`` takes it: one pose a sample."""
        ...

    def restored(
        self, forecast: Float[Tensor, "batch component y x"], pose: Any
    ) -> Float[Tensor, "batch component y x"]:
        """g(w) . p: the forecast, one step after "now", as the observer sees it."""
        ...


class Canonicalized(Wrapper):
    """``f(w) = g(w) . p(g(w)^-1 . w)`` for any forecaster p.

    Exactly as equivariant as the canonicalizer: f commutes with all h for which g(h w) = h g(w),
    and keeps those symmetries of p that leave the pose alone.

    Args:
        forecaster: p.
        canonicalizer: how the pose is found; a module with weights is trained with p.
    """

    def __init__(self, forecaster: Forecaster, canonicalizer: Canonicalizer):
        super().__init__(forecaster)
        self.canonicalizer: Any = canonicalizer

    def forward(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> Float[Tensor, "batch component y x"]:
        if window.ndim != 5 or window.shape[2] != 2:
            raise ValueError(
                f"Expected a window (batch, past={self.past}, component=2, y, x), "
                f"got {tuple(window.shape)}."
            )
        canonical, pose = self.canonicalizer.canonical(window)
        return self.canonicalizer.restored(self.forecaster(canonical), pose)

    def read(self, grid: Grid) -> None:
        on = getattr(self.canonicalizer, "on", None)
        if on is not None:
            self.canonicalizer = on(grid)

    def around_scaled(self, scaled: Any, factor: float) -> Wrapper | None:
        at_scale = getattr(self.canonicalizer, "at_scale", None)
        canonicalizer = None if at_scale is None else at_scale(factor)
        return None if canonicalizer is None else Canonicalized(scaled, canonicalizer)
