"""The frame that moves with the mean flow: uniform motions and Galilean boosts, for any network."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.models.wrappers.canonicalized import Canonicalized
from symdyn_core.models.wrappers.drift import DriftRate, carried
from symdyn_core.models.wrappers.measured_drift import MeasuredDrift

Pose = tuple[Float[Tensor, "batch component"], Float[Tensor, "batch 2"]]
"""The velocity c of the frame, and the cells along (x, y) by which it drifts in a time step."""


@dataclass(frozen=True)
class MeanVelocity:
    """The pose of a flow in uniform motion: c, the spatial mean velocity of its last frame.

    Attributes:
        drift: how far the frame moves in a time step; None takes off the velocity alone.
        lead: time steps from "now" to the forecast.
    """

    drift: DriftRate | MeasuredDrift | None = None
    lead: float = 1.0

    def canonical(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> tuple[Float[Tensor, "batch past component y x"], Pose]:
        """w(x + d t, t) - c, frame by frame (t <= 0, "now" is 0); c and the displacement d."""
        c = window[:, -1].mean((-2, -1))
        still = window - c[:, None, :, None, None]
        if self.drift is None:
            return still, (c, torch.zeros_like(c))
        displacement = self.drift.displacement(still, c)
        past = window.shape[1]
        if past == 1:
            return still, (c, displacement)
        steps = torch.arange(1.0 - past, 0.0, device=c.device, dtype=c.dtype)
        earlier = carried(still[:, :-1], -displacement, steps, self.drift.periodic)
        return torch.cat((earlier, still[:, -1:]), dim=1), (c, displacement)

    def restored(
        self, forecast: Float[Tensor, "batch component y x"], pose: Pose
    ) -> Float[Tensor, "batch component y x"]:
        """w(x - d t, t) + c, t the lead time."""
        c, displacement = pose
        if self.drift is not None:
            steps = c.new_tensor([self.lead])
            forecast = carried(forecast[:, None], displacement, steps, self.drift.periodic)[:, 0]
        return forecast + c[:, :, None, None]

    def on(self, grid: Grid) -> "MeanVelocity":
        """The drift in the cells of another grid."""
        return self if self.drift is None else replace(self, drift=self.drift.on(grid))

    def at_scale(self, factor: float) -> "MeanVelocity":
        """Frames lie as far apart as before, the forecast a² times as far ahead."""
        drift = self.drift.at_scale(factor) if isinstance(self.drift, MeasuredDrift) else self.drift
        return replace(self, drift=drift, lead=self.lead * factor**2)


class InMeanFrame(Canonicalized):
    """Forecast in the frame of the mean velocity c, and return to the frame of the observer.

        without drift:  f(w) = p(w - c) + c
        with drift:     f(w)(x) = p( w(x + c t, t) - c )(x - c dt) + c

    Without drift f is equivariant to the bare shift w + c' (exact), with drift to Galilean boosts
    w(x - c' t, t) + c'. Both are exact whatever p, the second on periodic axes; on open ones flow
    enters the patch unseen, and interpolation is of sixth order.

    c is the mean over space of the frame "now". A boost moves that frame nowhere and adds c' to
    it, so c changes by c' exactly; earlier frames it moves, and on a patch with open edges their
    means change with what leaves and enters. A mean over all frames would therefore do for the
    bare shift and on periodic axes only. The window's land holds zeros: they count as flow at
    rest, in the mean and in what drifts. So c is the water's mean velocity times the share of
    water, the land moves with -c inside p, and f commutes with uniform motions that include the
    land, as the symmetries of this package do.

    In a rollout the frame is chosen anew at each step. Forecasts of several steps are then
    exactly equivariant to boosts by whole cells a step; to those by fractions of cells as far as
    p commutes with shifts by fractions of cells, which aliased activations limit.

    A flow twice as strong drifts twice as far. On one and the same grid a frame that drifts by its
    mean velocity is therefore not equivariant to magnitude, unless c = 0: together with boosts
    that would be the symmetry under any drift with any uniform velocity. It is when the grid is
    read anew (dx / a, dt / a²), as Navier-Stokes has it. A frame that drifts with the flow's
    pattern, ``MeasuredDrift``, has both on one grid, and that larger symmetry.

    The shortest wave of a periodic axis with an even number of cells cannot be shifted by
    fractions of a cell; with drift it is absent from all past frames and from the forecast.

    Args:
        forecaster: p.
        drift: ``DriftRate.of(grid)``, the cells that a unit of velocity moves in one time step;
            or ``MeasuredDrift()``, measured in the window.
    """

    def __init__(self, forecaster: Forecaster, drift: DriftRate | MeasuredDrift | None = None):
        super().__init__(forecaster, MeanVelocity(drift))
