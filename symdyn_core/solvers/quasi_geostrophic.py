"""Two-layer quasi-geostrophic flow: mesoscale eddies of an ocean, fed by a sheared current."""

from typing import NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.solvers.held_symmetries import HeldSymmetry, held
from symdyn_core.solvers.ocean_column import OceanColumn
from symdyn_core.solvers.periodic_flow import PeriodicFlow
from symdyn_core.solvers.random_flow import random_flow
from symdyn_core.solvers.time_stepping import NOWHERE, Places
from symdyn_core.symmetries import Reflection, Rotation, Translation

Layers = Float[Tensor, "batch layer=2 y x"]
Modes = Complex[Tensor, "batch layer=2 k_y k_x"]
Velocities = Float[Tensor, "batch layer=2 component=2 y x"]


class EddyEnergy(NamedTuple):
    """Energy of the eddies per mass, averaged over the column, and its budget [m²/s², m²/s³]."""

    kinetic: Float[Tensor, " batch"]
    potential: Float[Tensor, " batch"]
    """Available potential energy of the tilted interface."""
    supply: Float[Tensor, " batch"]
    """What baroclinic instability takes from the mean current."""
    friction: Float[Tensor, " batch"]
    """What bottom drag takes out."""
    dissipation: Float[Tensor, " batch"]
    """What the diffusion of potential vorticity takes out."""

    @property
    def total(self) -> Float[Tensor, " batch"]:
        """Kinetic and potential energy."""
        return self.kinetic + self.potential

    @property
    def rate(self) -> Float[Tensor, " batch"]:
        """The time derivative of the total that follows."""
        return self.supply - self.friction - self.dissipation


class QuasiGeostrophic(PeriodicFlow):
    """The two-layer quasi-geostrophic equations on a β-plane, doubly periodic (Phillips, 1954)::

        ∂ₜqᵢ + J(ψᵢ, qᵢ) + Uᵢ ∂ₓqᵢ + Q_i ∂ₓψᵢ = -[i = 2] r ∇²ψ₂ - ν ∇⁸qᵢ
        q₁ = ∇²ψ₁ + F₁ (ψ₂ - ψ₁),    q₂ = ∇²ψ₂ + F₂ (ψ₁ - ψ₂)
        uᵢ = -∂_yψᵢ,  vᵢ = ∂ₓψᵢ,     Q_i = β ± Fᵢ (U₁ - U₂)

    Vallis (2017), Atmospheric and Oceanic Fluid Dynamics, section 5.4. ψ, q, u, v are departures
    from the mean current (``OceanColumn.current``). As J(ψᵢ, qᵢ) is the advection of the layer's
    vorticity plus Fᵢ J(ψᵢ, ψⱼ), and the latter is u₁v₂ - u₂v₁ on the grid, five products of four
    velocities make a tendency: nine transforms.

    SI units. States are potential vorticities ``[batch, (upper, lower), y, x]``.

    Args:
        grid: periodic along both axes; dt is the interval of ``trajectory`` [s].
        column: the water column.
        dtype, device: of the states.
    """

    def __init__(
        self,
        grid: Grid,
        column: OceanColumn | None = None,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        self.column = column or OceanColumn()
        shear = abs(self.column.current[0] - self.column.current[1])
        super().__init__(grid, slowest=shear, dtype=dtype, device=device)
        k_squared = -self.series.laplacian
        self._inversion = self.series.multiplier(self._inverted(k_squared))
        self._set_advection(k_squared)
        last = max(self.series.largest)
        decay = -self.column.smallest_decay * (k_squared / last**2) ** 4
        self.decay = self.series.multiplier(decay)

    def _inverted(self, k_squared: Tensor) -> Float[Tensor, "2 2 k_y k_x"]:
        """The matrix that takes (q₁, q₂) of a mode to (ψ₁, ψ₂); the mean of ψ is free."""
        upper, lower = self.column.stretching
        determinant = k_squared * (k_squared + upper + lower)
        determinant[0, 0] = torch.inf
        ones = torch.ones_like(k_squared)
        rows = (
            torch.stack((k_squared + lower, upper * ones)),
            torch.stack((lower * ones, k_squared + upper)),
        )
        return -torch.stack(rows) / determinant

    def _set_advection(self, k_squared: Tensor) -> None:
        """Factors of the modes in the tendency, for the layers where they differ."""
        series, column = self.series, self.column
        k_x, k_y = series.k_x, series.k_y

        def layers(upper: float, lower: float) -> Float[Tensor, "2 1 1"]:
            return torch.tensor([upper, lower], dtype=torch.float64)[:, None, None]

        ones = torch.ones_like(k_squared)
        self._to_velocity = series.multiplier(torch.stack((-1j * k_y * ones, 1j * k_x * ones)))
        self._advection = series.multiplier(torch.stack((k_x**2 - k_y**2, k_x * k_y)))
        upper, lower = column.stretching
        self._coupling = series.multiplier(layers(-upper, lower) * ones)
        current = layers(*column.current)
        self._current = current.to(self.device, self.dtype)
        self._of_vorticity = series.multiplier(-1j * k_x * current * ones)
        gradient, drag = layers(*column.vorticity_gradient), layers(0.0, column.bottom_drag)
        self._of_streamfunction = series.multiplier(-1j * k_x * gradient + drag * k_squared)

    @property
    def symmetries(self) -> tuple[HeldSymmetry, ...]:
        """The actions on both layers' velocities that commute with this flow.

        β and the current single out a direction: without them the ocean may be turned, too.
        """
        common = (held(Translation(), "all", (1.0, 0.0), (5.0, -3.0)),)
        isotropic = self.column.beta == 0 and self.column.current[0] == self.column.current[1] == 0
        if not isotropic or self.grid.ny != self.grid.nx or self.grid.dy != self.grid.dx:
            return (*common, held(Reflection(), "north and south exchanged", (0.0, 1.0)))
        return (
            *common,
            held(Rotation(), "quarter turns", 90.0),
            held(Reflection(), "quarter turns with mirrors", (0.0, 1.0), (90.0, 1.0)),
        )

    def to_modes(self, state: Layers) -> Modes:
        """q̂ of potential vorticities, without what is not resolved."""
        hat = self.series.from_grid(state)
        return torch.where(self.series.kept.to(self.device), hat, 0)

    def to_state(self, hat: Modes) -> Layers:
        """The potential vorticities of q̂."""
        return self.series.to_grid(hat)

    def tendency(self, hat: Modes, places: Places = NOWHERE, number: int = 0) -> Modes:
        psi = self._streamfunction(hat)
        w = self.series.to_grid(self._to_velocity * psi[..., None, :, :])
        u, v = w.unbind(-3)
        stretching = u[..., :1, :, :] * v[..., 1:, :, :] - u[..., 1:, :, :] * v[..., :1, :, :]
        products = torch.cat((u * v, (v - u) * (v + u), stretching), dim=-3)
        products = self.series.from_grid(products)
        rate = self._of_vorticity * hat + self._of_streamfunction * psi
        rate = torch.addcmul(rate, self._advection[0], products[..., 0:2, :, :])
        rate = torch.addcmul(rate, self._advection[1], products[..., 2:4, :, :])
        return torch.addcmul(rate, self._coupling, products[..., 4:, :, :])

    def carrying_velocity(self, hat: Modes) -> Velocities:
        w = self.series.to_grid(self._to_velocity * self._streamfunction(hat)[..., None, :, :])
        return torch.stack((w[..., 0, :, :] + self._current, w[..., 1, :, :]), dim=-3)

    def velocities(self, state: Layers) -> Velocities:
        """Velocities of both layers without the mean current [m/s]."""
        psi = self._streamfunction(self.to_modes(state))
        return self.series.to_grid(self._to_velocity * psi[..., None, :, :])

    def surface_velocity(self, state: Layers) -> Float[Tensor, "batch component=2 y x"]:
        """The velocity of the upper layer with its mean current, as an observer sees it [m/s]."""
        return self.carrying_velocity(self.to_modes(state))[:, 0]

    def potential_vorticity(self, w: Velocities) -> Layers:
        """The state whose velocities these are, as far as they are free of divergence [1/s]."""
        hat = self.series.from_grid(w)
        zeta = (self._to_velocity * hat).sum(-3)
        inverse = self.series.multiplier(self.series.inverse_laplacian)
        psi = inverse * zeta
        return self.series.to_grid(zeta + self._coupling * (psi[:, :1] - psi[:, 1:]))

    def _streamfunction(self, hat: Modes) -> Modes:
        return (self._inversion * hat[..., None, :, :, :]).sum(-3)

    def energy(self, state: Layers) -> EddyEnergy:
        """Energy of the eddies and its budget; all that feeds them is the sheared current::

        E = Σ hᵢ ½⟨|∇ψᵢ|²⟩ + ½ h₁F₁⟨(ψ₁ - ψ₂)²⟩,   hᵢ = Hᵢ / (H₁ + H₂)
        E' = h₁F₁ (U₁ - U₂) ⟨ψ₁ ∂ₓψ₂⟩ - h₂ r ⟨|∇ψ₂|²⟩ - Σ hᵢ ⟨ψᵢ ν∇⁸qᵢ⟩
        """
        hat = self.to_modes(state)
        psi_hat = self._streamfunction(hat)
        psi = self.series.to_grid(psi_hat)
        w = self.series.to_grid(self._to_velocity * psi_hat[..., None, :, :])
        shares = torch.tensor(self.column.shares).to(psi)
        speed_squared = w.square().sum(-3).mean((-2, -1))
        interface = self.column.shares[0] * self.column.stretching[0]
        shear = self.column.current[0] - self.column.current[1]
        loss = (psi * self.series.to_grid(self.decay * hat)).mean((-2, -1))
        return EddyEnergy(
            kinetic=(shares * speed_squared).sum(-1) / 2,
            potential=interface * (psi[:, 0] - psi[:, 1]).square().mean((-2, -1)) / 2,
            supply=interface * shear * (psi[:, 0] * w[:, 1, 1]).mean((-2, -1)),
            friction=self.column.bottom_drag * shares[1] * speed_squared[:, 1],
            dissipation=(shares * loss).sum(-1),
        )

    def random_state(
        self,
        batch: int = 1,
        *,
        rms: float | int = 0.02,
        generator: torch.Generator | None = None,
    ) -> Layers:
        """Weak random eddies of ``rms`` speed [m/s] to start from, the layers independent.

        About five deformation radii in wavelength, where they grow fastest.
        """
        waves = max(self.grid.extent) / (5 * self.column.deformation_radius)
        waves = min(max(waves, 1.0), min(self.series.last_x, self.series.last_y) / 2)
        w = random_flow(self.grid, 2 * batch, waves=waves, rms=rms, generator=generator)
        return self.potential_vorticity(w.unflatten(0, (batch, 2)).to(self.device, self.dtype))
