"""Natural units of velocity: magnitude and, with the grid, scaling, for any network."""

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.models.wrappers.canonicalized import Canonicalized
from symdyn_core.models.wrappers.spacing import Spacing


@dataclass(frozen=True)
class RootMeanSquare:
    """The pose of a flow of some strength: U, the root mean square velocity of its window.

    One number for all frames, components and cells of a sample, so that it changes under no turn,
    reflection or cyclic shift. A window at rest has U = 0 and stays at rest.

    Attributes:
        stride: only every stride-th frame, counted back from "now", enters U.
        multiple: the unit is this many U.
    """

    stride: int = 1
    multiple: float = 1.0

    def canonical(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> tuple[Float[Tensor, "batch past component y x"], Float[Tensor, " batch"]]:
        """w / U, and U."""
        frames = window[:, (window.shape[1] - 1) % self.stride :: self.stride]
        unit = self.multiple * root_mean_square(frames)
        divisor = torch.where(unit > 0, unit, 1)[:, None, None, None, None]
        return (window / divisor).to(window.dtype), unit

    def restored(
        self, forecast: Float[Tensor, "batch component y x"], pose: Float[Tensor, " batch"]
    ) -> Float[Tensor, "batch component y x"]:
        """U w."""
        return (forecast * pose[:, None, None, None]).to(forecast.dtype)

    def at_scale(self, factor: float) -> "RootMeanSquare | None":
        """T_a w has a times the strength of w, at times a² as far apart."""
        stride = factor**2
        if abs(stride - round(stride)) > 1e-6:
            return None
        return RootMeanSquare(self.stride * round(stride), self.multiple * factor)


def root_mean_square(w: Float[Tensor, "batch ..."]) -> Float[Tensor, " batch"]:
    """Over all axes but the first; exact for all strengths, and with gradient 0 at rest.

    Squares of velocities below 1e-19 underflow in float32: the largest velocity is taken out
    first. The result does not depend on it, so that it needs no gradient.
    """
    w = w if w.dtype in (torch.float32, torch.float64) else w.float()
    flat = w.flatten(1)
    peak = flat.detach().abs().amax(1)
    peak = torch.where(peak > 0, peak, 1)
    mean = (flat / peak[:, None]).square().mean(1)
    resting = mean == 0  # false for NaN, which is no flow at rest
    return torch.where(resting, 0, peak * torch.where(resting, 1, mean).sqrt())


@dataclass(frozen=True)
class GridUnit:
    """The pose of a flow on its grid: V, the velocity that crosses a cell in a time step.

        w* = w / V,   V = sqrt(dx dy) / dt,   or, with a viscosity,   V = nu / sqrt(dx dy)

    w* is the number of cells moved in a time step; with a viscosity it is the grid Reynolds
    number w dx / nu. Re-representing a flow on its co-scaled grid (dx / a, dt / a²) turns w into
    a w and leaves both unchanged: a network that sees w* alone is equivariant to scaling for
    every a ("units equivariance", Villar et al. 2022), provided that it is told the grid.
    One length for both axes keeps turns and reflections.

    Attributes:
        spacing: of the grid.
        viscosity: nu [length² / time], for the grid Reynolds number.
    """

    spacing: Spacing
    viscosity: float | None = None

    def __post_init__(self):
        if self.viscosity is not None and not self.viscosity > 0:
            raise ValueError(
                f"A viscosity must be positive, got {self.viscosity}. "
                "Leave it out to count cells a time step."
            )

    @property
    def velocity(self) -> float:
        """V."""
        length = (self.spacing.dx * self.spacing.dy) ** 0.5
        return length / self.spacing.dt if self.viscosity is None else self.viscosity / length

    def canonical(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> tuple[Float[Tensor, "batch past component y x"], None]:
        """w / V."""
        return window / self.velocity, None

    def restored(
        self, forecast: Float[Tensor, "batch component y x"], pose: None
    ) -> Float[Tensor, "batch component y x"]:
        """V w."""
        return forecast * self.velocity

    def on(self, grid: Grid) -> "GridUnit":
        """The unit on another grid."""
        return replace(self, spacing=Spacing.of(grid))

    def at_scale(self, factor: float) -> "GridUnit":
        """On one and the same grid the unit is the same."""
        return self


class InUnits(Canonicalized):
    """Forecast in a natural unit of velocity: ``f(w) = U p(w / U)``.

    Without a grid U is the root mean square of the window it is given: f is equivariant to
    magnitude, a w for all a > 0, exactly, and f(0) = 0. The whole window is taken, so that a last
    frame near rest does not blow up those before it. Inside ``InMeanFrame`` that is the strength
    of the fluctuations about the mean flow, which no boost changes; outside it the mean flow
    counts. Land holds zeros and lowers U by the root of the share of water.

    With a grid U is its velocity (``GridUnit``): f is equivariant to scaling for every a when the
    rescaled flow is read on its own grid, ``f.on(Scaling().co_scaled_grid(a, grid))``. On an
    unchanged grid it is not, nor is it equivariant to magnitude: as the Navier-Stokes equations.

    Args:
        forecaster: p; it sees flows of order one (data units).
        grid: makes its cell and time step the unit.
        viscosity: with a grid, makes the grid Reynolds number the velocity.
        scale: root mean square of the training data, in which losses are measured. No forecast
            depends on it.
    """

    reference: Tensor

    def __init__(
        self,
        forecaster: Forecaster,
        grid: Grid | Spacing | None = None,
        *,
        viscosity: float | None = None,
        scale: float | int = 1.0,
    ):
        if grid is None and viscosity is not None:
            raise ValueError("A grid Reynolds number needs a grid: give InUnits both.")
        if not 0 < scale < math.inf:
            raise ValueError(f"The scale of data is a positive number, got {scale}.")
        spacing = Spacing.of(grid) if isinstance(grid, Grid) else grid
        super().__init__(
            forecaster, RootMeanSquare() if spacing is None else GridUnit(spacing, viscosity)
        )
        self.register_buffer("reference", torch.tensor(float(scale)))

    @property
    def scale(self) -> Tensor:
        """Unit of velocity of the training data; losses are measured in it."""
        return self.reference
