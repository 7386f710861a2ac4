"""The Boussinesq equations on the staggered grid: everything but the pressure."""

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.solvers.staggered import Channel

LOWER_PLATE, UPPER_PLATE = 0.5, -0.5
"""Temperatures of the plates, in units of their difference."""


class Boussinesq:
    """The tendency f(q) of the state q = (u, v, T), in finite volumes::

        uₜ = -∇·(u u) + ν ∇²u + T e_y        Tₜ = -∇·(u T) + κ ∇²T

    Momentum fluxes are central products of averages, those of v weighted by the row heights, so
    that on any rows they move kinetic energy about without making any (Harlow & Welch, 1965;
    Morinishi et al. (1998), J. Comput. Phys. 143). Temperature is interpolated to the cells' left
    faces by four points, with the upwind correction of QUICK if asked for (Leonard (1979),
    Comput. Methods Appl. Mech. Eng. 19), and by two points to their lower faces. Plates: no slip,
    fixed temperature, one-sided fluxes over half a row. Second order in space.

    A flux is kept in units that make its difference a tendency, so that diffusion and advection
    share one multiply-add: on small grids the number of tensor operations is what costs time.

    Args:
        channel: geometry of the cells.
        viscosity: ν [channel height x free-fall velocity].
        diffusivity: κ [channel height x free-fall velocity].
        upwind: whether temperature carries the upwind correction along x: less ringing of thin
            plumes, at the price of some diffusion.
        dtype, device: of the states.
    """

    def __init__(
        self,
        channel: Channel,
        viscosity: float,
        diffusivity: float,
        *,
        upwind: bool = True,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        self.dx, self.viscosity, self.diffusivity = channel.dx, viscosity, diffusivity
        self.upwind = upwind
        heights, gaps = channel.heights(), channel.gaps()
        lower_gaps, lower_heights = gaps[:-1], torch.cat((heights[:1], heights[:-1]))
        interior = torch.ones(channel.ny, dtype=torch.float64)
        interior[0] = 0  # v on the lower plate does not move

        def column(values: Tensor) -> Tensor:
            return values.to(device=device, dtype=dtype)[:, None]

        self.u_diffusion = column(viscosity / gaps)
        self.v_diffusion = column(viscosity / torch.cat((heights[:1], heights)))
        self.temperature_diffusion = column(diffusivity / gaps)
        self.inverse_heights = column(1 / heights)
        self.inverse_gaps = column(interior / lower_gaps)
        self.buoyancy = column(interior / 2)
        self.weight_above = column(heights / (2 * lower_gaps))
        self.weight_below = column(lower_heights / (2 * lower_gaps))
        self.plates = torch.zeros(2, 1, 3, 1, 1, dtype=dtype, device=device)
        self.plates[:, 0, 2, 0, 0] = torch.tensor([LOWER_PLATE, UPPER_PLATE])

    def __call__(self, q: Float[Tensor, "batch 3 y x"]) -> Float[Tensor, "batch 3 y x"]:
        """f(q), without the pressure gradient: the projection adds that."""
        u, v, temperature = self._with_halo(q).unbind(1)
        v_corner = v[:, 1:, 2:-1] + v[:, 1:, 1:-2]  # twice v at the cells' lower left corners
        t_sum = temperature[:, 1:, 2:-2] + temperature[:, :-1, 2:-2]  # twice T at lower faces
        return torch.stack(
            (
                self._u_tendency(u, v_corner),
                self._v_tendency(u, v, v_corner, t_sum),
                self._temperature_tendency(u, v, temperature, t_sum),
            ),
            dim=1,
        )

    def _with_halo(self, q: Tensor) -> Tensor:
        """The state with two columns around the period and one row of plate on either side.

        The gap to a plate is half a row, so the plate's own value stands in its row.
        """
        wide = torch.cat((q[..., -2:], q, q[..., :2]), dim=-1)
        below, above = self.plates.expand(2, q.shape[0], 3, 1, wide.shape[-1])
        return torch.cat((below, wide, above), dim=-2)

    def _u_tendency(self, u: Tensor, v_corner: Tensor) -> Tensor:
        nu, dx = self.viscosity, self.dx
        above, below = u[:, 1:, 2:-2], u[:, :-1, 2:-2]
        shear = (above - below) * self.u_diffusion
        flux_y = torch.addcmul(shear, above + below, v_corner[..., :-1], value=-1 / 4)
        rows = u[:, 1:-1]
        right, left = rows[..., 2:-1], rows[..., 1:-2]
        total = right + left
        flux_x = torch.addcmul(right - left, total, total, value=-dx / (4 * nu))
        return self._divergence(flux_x, nu, flux_y, self.inverse_heights)

    def _v_tendency(self, u: Tensor, v: Tensor, v_corner: Tensor, t_sum: Tensor) -> Tensor:
        nu, dx = self.viscosity, self.dx
        above, below = v[:, 1:, 2:-2], v[:, :-1, 2:-2]
        total = above + below
        flux_y = torch.addcmul((above - below) * self.v_diffusion, total, total, value=-1 / 4)
        u_corner = u[:, :-2, 2:-1] * self.weight_below
        u_corner = torch.addcmul(u_corner, u[:, 1:-1, 2:-1], self.weight_above)
        rows = v[:, 1:-1]
        strain = rows[..., 2:-1] - rows[..., 1:-2]
        flux_x = torch.addcmul(strain, u_corner, v_corner[:, :-1], value=-dx / (2 * nu))
        tendency = self._divergence(flux_x, nu, flux_y, self.inverse_gaps)
        return torch.addcmul(tendency, t_sum[:, :-1], self.buoyancy)

    def _temperature_tendency(
        self, u: Tensor, v: Tensor, temperature: Tensor, t_sum: Tensor
    ) -> Tensor:
        kappa = self.diffusivity
        slope_y = temperature[:, 1:, 2:-2] - temperature[:, :-1, 2:-2]
        conduction = slope_y * self.temperature_diffusion
        flux_y = torch.addcmul(conduction, t_sum, v[:, 1:, 2:-2], value=-1 / 2)
        flux_x = self._heat_flux_along_x(u[:, 1:-1, 2:-1], temperature[:, 1:-1])
        return self._divergence(flux_x, kappa, flux_y, self.inverse_heights)

    def _heat_flux_along_x(self, u: Tensor, temperature: Tensor) -> Tensor:
        """Conduction minus advection through the left faces, in units of κ / dx.

        With second differences c₋, c₊ of the cells left and right of a face, the four-point value
        there is (T₋ + T₊)/2 - (c₋ + c₊)/16; QUICK takes the upwind second difference alone,
        (T₋ + T₊)/2 - c/8.
        """
        slope = temperature[..., 1:] - temperature[..., :-1]
        curvature = slope[..., 1:] - slope[..., :-1]
        left, right = curvature[..., :-1], curvature[..., 1:]
        total = temperature[..., 2:-1] + temperature[..., 1:-2]
        scale = self.dx / self.diffusivity
        # For flow to the left everywhere first; where it is to the right, exchange the cells.
        face = torch.add(total, right if self.upwind else (left + right) / 2, alpha=-1 / 4)
        flux = torch.addcmul(slope[..., 1:-1], u, face, value=-scale / 2)
        if not self.upwind:
            return flux
        return torch.addcmul(flux, u.relu(), right - left, value=-scale / 8)

    def _divergence(
        self, flux_x: Tensor, diffusion: float, flux_y: Tensor, inverse_heights: Tensor
    ) -> Tensor:
        return torch.add(
            (flux_y[:, 1:] - flux_y[:, :-1]) * inverse_heights,
            flux_x[..., 1:] - flux_x[..., :-1],
            alpha=diffusion / self.dx**2,
        )
