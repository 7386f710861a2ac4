"""Two-dimensional Navier-Stokes flow in a periodic box, decaying or under Kolmogorov's force."""

import cmath
import math
from typing import NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.solvers.complex_velocity import ComplexVelocity
from symdyn_core.solvers.held_symmetries import HeldSymmetry, held
from symdyn_core.solvers.periodic_flow import PeriodicFlow
from symdyn_core.solvers.time_stepping import NOWHERE, Places
from symdyn_core.symmetries import Boost, Reflection, Rotation, Scaling, Translation

Velocity = Float[Tensor, "batch component=2 y x"]
Modes = Complex[Tensor, "batch k_y k_x"]

STEPPING_ERROR = 1e-4
"""Largest relative error that boosts show: another drift, other errors of the steps in time."""

RESOLUTION_ERROR = 0.02
"""Largest relative error that scalings show with smooth flows: structures of half the size need
twice the wavenumbers, and what the grid cannot hold of them is lost."""


class Budget(NamedTuple):
    """Energy E = ½⟨u² + v²⟩ or enstrophy Z = ½⟨ζ²⟩, and what changes it, for each member."""

    amount: Float[Tensor, " batch"]
    """E [velocity²] or Z [1/time²]."""
    supply: Float[Tensor, " batch"]
    """What the force puts in, per time."""
    friction: Float[Tensor, " batch"]
    """What the drag takes out, per time."""
    dissipation: Float[Tensor, " batch"]
    """What viscosity takes out, per time."""

    @property
    def rate(self) -> Float[Tensor, " batch"]:
        """The time derivative that follows: supply - friction - dissipation."""
        return self.supply - self.friction - self.dissipation


class NavierStokes(PeriodicFlow):
    """The incompressible Navier-Stokes equations in two dimensions, doubly periodic::

        wₜ + w·∇w = -∇p + ν ∇²w - μ w + A sin(2π m y / L_y) e_x,    ∇·w = 0

    solved for the vorticity ζ = vₓ - u_y, whose advection is written with two products
    (Basdevant (1983), J. Comput. Phys. 50, Eq. (2)), the parts of one complex square
    (``ComplexVelocity``), so that a tendency takes two transforms::

        ζₜ = (∂_yy - ∂ₓₓ)(u v) - ∂ₓ∂_y (v² - u²) + ν ∇²ζ - μ ζ - A k cos(k y),   k = 2π m / L_y

    The mean flow is carried along: it moves the vorticity, and only drag changes it. Units are
    free; y is measured from the middle of the domain. States are velocities ``[batch, (u, v), y,
    x]``; what is not divergence-free or not resolved (``FourierSeries``) is removed by a step.

    Without force and drag the flow decays (McWilliams (1984), J. Fluid Mech. 146); with force it
    is Kolmogorov's flow (Meshalkin & Sinai (1961), J. Appl. Math. Mech. 25), unsteady for small ν.

    Args:
        grid: periodic along both axes; dt is the interval of ``trajectory``.
        viscosity: ν [length x velocity].
        force: A [velocity / time]; 0 for decaying flow.
        waves: m, wavelengths of the force that fit into the box.
        drag: μ [1/time].
        dtype, device: of the states.

    Raises:
        ValueError: negative coefficients, a force that the grid cannot hold, an open grid.
    """

    def __init__(
        self,
        grid: Grid,
        viscosity: float | int,
        *,
        force: float | int = 0.0,
        waves: int = 4,
        drag: float | int = 0.0,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        if not (0 <= viscosity < math.inf and 0 <= drag < math.inf):
            raise ValueError(
                "Expected a viscosity and a drag of 0 or more, got "
                f"viscosity={viscosity}, drag={drag}."
            )
        if not math.isfinite(force):
            raise ValueError(f"Expected a finite force, got {force}.")
        slowest = math.sqrt(abs(force) * max(grid.extent)) / 8 if force else 0.0
        super().__init__(grid, slowest=slowest, dtype=dtype, device=device)
        if force and not 1 <= waves <= self.series.last_y:
            raise ValueError(
                f"Expected between 1 and {self.series.last_y} waves of the force on {grid.ny} "
                f"cells, got waves={waves}. Use more cells."
            )
        self.viscosity, self.drag = float(viscosity), float(drag)
        self.force, self.waves = float(force), waves
        series = self.series
        k_x, k_y, laplacian = series.k_x, series.k_y, series.laplacian
        self._diffusion = series.multiplier(laplacian)
        curl = torch.stack((-1j * k_y.expand_as(laplacian), 1j * k_x.expand_as(laplacian)))
        self._curl = series.multiplier(curl)
        self._complex = ComplexVelocity(series)
        decay = viscosity * self._complex.laplacian - drag
        self.decay, self.factor = decay.to(self.device, dtype), self._complex.of_vorticity
        self._forcing = self._forcing_modes()

    @property
    def symmetries(self) -> tuple[HeldSymmetry, ...]:
        """The actions on trajectories that commute with this flow."""
        return _forced_symmetries(self) if self.force else _free_symmetries(self)

    def to_modes(self, state: Velocity) -> Modes:
        """ĉ of a velocity, c = u + iv."""
        return self._complex.from_velocity(state)

    def to_state(self, hat: Modes) -> Velocity:
        """The velocity of ĉ."""
        return self._complex.velocity(hat)

    def carrying_velocity(self, hat: Modes) -> Velocity:
        return self._complex.velocity(hat)

    def tendency(self, hat: Modes, places: Places = NOWHERE, number: int = 0) -> Modes:
        """What advection and force do to the vorticity; ``factor`` makes velocity of it."""
        rate = self._complex.advection(hat, places, number)
        if self._forcing is None:
            return rate
        return torch.add(rate, self._forcing, out=places.rates[number])

    def _places(self, hat: Modes) -> Places:
        return self._complex.places(hat)

    def vorticity(self, state: Velocity) -> Float[Tensor, "batch y x"]:
        """ζ = vₓ - u_y [1/time]."""
        return self.series.to_grid((self._curl * self.series.from_grid(state)).sum(-3))

    def energy(self, state: Velocity) -> Budget:
        """The kinetic energy and its budget, E' = ⟨f·w⟩ - 2 μ E - 2 ν Z."""
        w_hat = self.series.from_grid(state)
        energy = self._half_mean_square(w_hat)
        enstrophy = self._half_mean_square((self._curl * w_hat).sum(-3)[..., None, :, :])
        force = self.force * torch.sin(self._phase()).to(state)
        supply = (force[:, None] * state[..., 0, :, :]).mean((-2, -1))
        return Budget(energy, supply, 2 * self.drag * energy, 2 * self.viscosity * enstrophy)

    def enstrophy(self, state: Velocity) -> Budget:
        """The enstrophy and its budget, Z' = ⟨f_ζ ζ⟩ - 2 μ Z - ν ⟨|∇ζ|²⟩."""
        zeta_hat = (self._curl * self.series.from_grid(state)).sum(-3)
        enstrophy = self._half_mean_square(zeta_hat[..., None, :, :])
        palinstrophy = -(
            self.series.to_grid(self._diffusion * zeta_hat) * self.series.to_grid(zeta_hat)
        ).mean((-2, -1))
        k = 2 * math.pi * self.waves / self.grid.extent[0]
        force = -self.force * k * torch.cos(self._phase()).to(state)
        supply = (force[:, None] * self.series.to_grid(zeta_hat)).mean((-2, -1))
        return Budget(enstrophy, supply, 2 * self.drag * enstrophy, self.viscosity * palinstrophy)

    def laminar(self, batch: int = 1) -> Velocity:
        """The steady flow under the force, u = A sin(k y) / (ν k² + μ), v = 0.

        Raises:
            ValueError: nothing holds the force in balance.
        """
        k = 2 * math.pi * self.waves / self.grid.extent[0]
        resistance = self.viscosity * k**2 + self.drag
        if not resistance > 0:
            raise ValueError("Expected viscosity or drag to balance the force, got neither.")
        u = self.force / resistance * torch.sin(self._phase())
        u = u[:, None].expand(batch, *self.grid.shape)
        return torch.stack((u, torch.zeros_like(u)), dim=1).to(self.device, self.dtype)

    def _phase(self) -> Float[Tensor, " y"]:
        y = self.grid.y(dtype=torch.float64)
        return 2 * math.pi * self.waves / self.grid.extent[0] * y

    def _forcing_modes(self) -> Complex[Tensor, "k_y k_x"] | None:
        """The amplitudes of -A k cos(k y), which is measured from the middle."""
        if not self.force:
            return None
        k = 2 * math.pi * self.waves / self.grid.extent[0]
        turn = cmath.exp(1j * k * float(self.grid.y(dtype=torch.float64)[0]))
        hat = torch.zeros(self._complex.laplacian.shape, dtype=torch.complex128)
        row, column = self.series.last_y, self.series.last_x
        amplitude = torch.tensor(-self.force * k / 2 * turn, dtype=torch.complex128)
        hat[row + self.waves, column] = amplitude
        hat[row - self.waves, column] = amplitude.conj()
        return self._complex.multiplier(hat)

    def _half_mean_square(self, hat: Complex[Tensor, "batch field k_y k_x"]) -> Tensor:
        kept = self.series.kept.to(self.device)
        return self.series.mean_square(torch.where(kept, hat, 0)).sum(-1) / 2


def _free_symmetries(flow: NavierStokes) -> tuple[HeldSymmetry, ...]:
    """Of decaying flow; drag sets a time and slows the mean flow."""
    common: tuple[HeldSymmetry, ...] = (held(Translation(), "all", (1.0, 0.0), (5.0, -3.0)),)
    if flow.grid.ny == flow.grid.nx and flow.grid.dy == flow.grid.dx:
        common += (
            held(Rotation(), "quarter turns", 90.0),
            held(Reflection(), "quarter turns with mirrors", (0.0, 1.0), (90.0, 1.0)),
        )
    if flow.drag:
        return common
    boosted = held(Boost(), "all", (0.7, -0.4), error=STEPPING_ERROR)
    return (*common, boosted, held(Scaling(), "whole factors", 2.0, error=RESOLUTION_ERROR))


def _forced_symmetries(flow: NavierStokes) -> tuple[HeldSymmetry, ...]:
    """Of Kolmogorov's flow: shifts and boosts along the force, and what turns it into itself."""
    ny, waves = flow.grid.ny, flow.waves
    along = held(
        Translation(),
        "along x, and whole wavelengths of the force along y",
        (5.0, 0.0),
        (0.0, ny / waves),
    )
    half_turn = held(Rotation(), "half turns", 180.0)
    mirrored = HeldSymmetry(
        "shifted_reflection",
        "east and west exchanged, with a shift by half a wavelength of the force",
        (((Reflection(), (180.0, 1.0)), (Translation(), (0.0, ny / (2 * waves)))),),
    )
    if flow.drag:
        return along, half_turn, mirrored
    return along, half_turn, mirrored, held(Boost(), "along x", (0.7, 0.0), error=STEPPING_ERROR)
