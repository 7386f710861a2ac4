"""The Boussinesq equations on the staggered grid: everything but the pressure."""

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.solvers.row_bands import Band, all_rows, equal_bands
from symdyn_core.solvers.staggered import Channel
from symdyn_core.solvers.workspace import FRESH, Memory

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
    share one multiply-add, and what is done to all three fields is done at once: on small grids
    the number of tensor operations is what costs time.

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
        self._rows = all_rows(channel, viscosity, diffusivity, dtype=dtype, device=device)
        self._bands = equal_bands(self._rows, channel.nx)
        self.inverse_gaps = self._rows.inverse_heights[1]
        self.plates = torch.zeros(2, 1, 3, 1, 1, dtype=dtype, device=device)
        self.plates[:, 0, 2, 0, 0] = torch.tensor([LOWER_PLATE, UPPER_PLATE])

    def __call__(
        self, q: Float[Tensor, "batch 3 y x"], memory: Memory = FRESH
    ) -> Float[Tensor, "batch 3 y x"]:
        """f(q), without the pressure gradient: the projection adds that."""
        if memory is FRESH:
            return self._tendency(self._with_halo(q), self._rows, memory)
        rate = memory.views("rate", lambda: torch.empty_like(q))
        for band in self._bands:
            self._tendency(self._filled(q, band, memory), band, memory, rate)
        return rate

    def _with_halo(self, q: Tensor) -> Tensor:
        """The state with two columns around the period and one row of plate on either side.

        The gap to a plate is half a row, so the plate's own value stands in its row.
        """
        wide = torch.cat((q[..., -2:], q, q[..., :2]), dim=-1)
        below, above = self.plates.expand(2, q.shape[0], 3, 1, wide.shape[-1])
        return torch.cat((below, wide, above), dim=-2)

    def _filled(self, q: Tensor, band: Band, memory: Memory) -> Tensor:
        """Those rows of ``_with_halo`` that a band needs, in memory that all bands share."""
        ny, nx = q.shape[-2:]
        low, high = max(band.first - 1, 0), min(band.last + 1, ny)
        shape = (len(q), 3, band.last - band.first + 2, nx + 4)

        wide = memory.views("wide", lambda: self._between_plates(q.new_empty(shape)))
        inside = slice(low - band.first + 1, high - band.first + 1)
        middle, left, right = memory.views(
            ("wide", band.first),
            lambda: (wide[:, :, inside, 2:-2], wide[:, :, inside, :2], wide[:, :, inside, -2:]),
        )
        rows = q if high - low == ny else q[:, :, low:high]
        middle.copy_(rows)
        left.copy_(rows[..., -2:])
        right.copy_(rows[..., :2])
        if len(self._bands) > 1 and high - low < shape[2]:
            # The last band wrote over the plates' rows.
            plate = 0 if band.first == 0 else 1
            wide[:, :, -plate].copy_(self.plates[plate, :, :, 0])
        return wide

    def _between_plates(self, wide: Tensor) -> Tensor:
        wide[:, :, :1], wide[:, :, -1:] = self.plates
        return wide

    def _tendency(
        self, wide: Tensor, band: Band, memory: Memory, rate: Tensor | None = None
    ) -> Tensor:
        """f of a band of rows; where memory is used again, in its rows of ``rate``."""
        flux_y, flux_x, sum_y, sum_x = self._diffusion(wide, band, memory)
        self._advect_temperature(wide, flux_x, sum_x, memory)
        self._advect_velocity(wide, band, flux_x, sum_x, memory)
        self._advect_across(wide, flux_y, sum_y, sum_x, memory)

        above, below, right, left = memory.views(
            "fluxes",
            lambda: (
                *(flux_y[:, :, 1:], flux_y[:, :, :-1]),
                *(flux_x[..., 2:-1], flux_x[..., 1:-2]),
            ),
        )
        rows = None
        if rate is not None:
            rows = memory.views(("rate", band.first), lambda: rate[:, :, band.first : band.last])
        found = torch.sub(above, below, out=rows).mul_(band.inverse_heights)
        along = memory("along", torch.sub, right, left)
        of_velocity, of_temperature, of_v, velocity, temperature, lift = memory.views(
            ("sum", band.first),
            lambda: (
                *(found[:, :2], found[:, 2], found[:, 1]),
                *(along[:, :2], along[:, 2], sum_y[:, 2, :-1]),
            ),
        )
        of_velocity.add_(velocity, alpha=self.viscosity / self.dx**2)
        of_temperature.add_(temperature, alpha=self.diffusivity / self.dx**2)
        of_v.addcmul_(lift, band.buoyancy)
        return found

    def _diffusion(self, wide: Tensor, band: Band, memory: Memory) -> tuple[Tensor, ...]:
        """Diffusive fluxes of all fields across and along, and twice the means at their places.

        Those along are in units of ν / dx or κ / dx, with a column more on either side, and stand
        with their means one column to the left.
        """

        above, below, right, left, next_x, this_x = memory.views(
            "neighbours",
            lambda: (
                *(wide[:, :, 1:, 2:-2], wide[:, :, :-1, 2:-2]),
                *(wide[:, :, 1:, 2:-1], wide[:, :, 1:, 1:-2]),
                *(wide[:, :, 1:-1, 1:], wide[:, :, 1:-1, :-1]),
            ),
        )
        flux_y = memory("flux_y", torch.sub, above, below).mul_(band.diffusion)
        sum_y = memory("sum_y", torch.add, above, below)
        sum_x = memory("sum_x", torch.add, right, left)
        return flux_y, memory("flux_x", torch.sub, next_x, this_x), sum_y, sum_x

    def _advect_across(
        self, wide: Tensor, flux_y: Tensor, sum_y: Tensor, sum_x: Tensor, memory: Memory
    ) -> None:
        """Subtract what v carries through lower faces, and u and v through lower corners."""

        of_u, u, v_corner, of_v, v, of_temperature, temperature, v_face = memory.views(
            "across",
            lambda: (
                *(flux_y[:, 0], sum_y[:, 0], sum_x[:, 1, :, :-1]),
                *(flux_y[:, 1], sum_y[:, 1]),
                *(flux_y[:, 2], sum_y[:, 2], wide[:, 1, 1:, 2:-2]),
            ),
        )
        of_u.addcmul_(u, v_corner, value=-1 / 4)
        of_v.addcmul_(v, v, value=-1 / 4)
        of_temperature.addcmul_(temperature, v_face, value=-1 / 2)

    def _advect_velocity(
        self, wide: Tensor, band: Band, flux_x: Tensor, sum_x: Tensor, memory: Memory
    ) -> None:
        """Subtract what u carries through left faces and lower left corners, of u and v."""

        of_u, u, of_v, v_corner, u_below, u_above = memory.views(
            "velocity",
            lambda: (
                *(flux_x[:, 0, :, 1:-1], sum_x[:, 0, :-1]),
                *(flux_x[:, 1, :, 1:-1], sum_x[:, 1, :-1]),
                *(wide[:, 0, :-2, 2:-1], wide[:, 0, 1:-1, 2:-1]),
            ),
        )
        of_u.addcmul_(u, u, value=-self.dx / (4 * self.viscosity))
        u_corner = memory("u_corner", torch.mul, u_below, band.below)
        u_corner.addcmul_(u_above, band.above)
        of_v.addcmul_(u_corner, v_corner, value=-self.dx / (2 * self.viscosity))

    def _advect_temperature(
        self, wide: Tensor, flux_x: Tensor, sum_x: Tensor, memory: Memory
    ) -> None:
        """Subtract the heat that u carries through left faces.

        With second differences c₋, c₊ of the cells left and right of a face, the four-point value
        there is (T₋ + T₊)/2 - (c₋ + c₊)/16; QUICK takes the upwind second difference alone,
        (T₋ + T₊)/2 - c/8.
        """
        slopes = memory.views("slopes", lambda: (flux_x[:, 2, :, 1:], flux_x[:, 2, :, :-1]))
        curvature = memory("curvature", torch.sub, *slopes)

        flux, total, u, left, right = memory.views(
            "faces",
            lambda: (
                *(flux_x[:, 2, :, 1:-1], sum_x[:, 2, :-1], wide[:, 0, 1:-1, 2:-1]),
                *(curvature[..., :-1], curvature[..., 1:]),
            ),
        )
        scale = self.dx / self.diffusivity
        if not self.upwind:
            both = memory("both", torch.add, left, right).div_(2)
            face = memory("face", torch.add, total, both, alpha=-1 / 4)
            flux.addcmul_(u, face, value=-scale / 2)
            return
        # For flow to the left everywhere first; where it is to the right, exchange the cells.
        face = memory("face", torch.add, total, right, alpha=-1 / 4)
        flux.addcmul_(u, face, value=-scale / 2)
        to_the_right = memory("to_the_right", torch.clamp_min, u, 0)
        flux.addcmul_(to_the_right, memory("change", torch.sub, right, left), value=-scale / 8)
