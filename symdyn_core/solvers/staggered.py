"""The staggered (marker-and-cell) grid of a channel: periodic in x, plates at y = 0 and y = 1.

Harlow & Welch (1965), Phys. Fluids 8, 2182. Scalars and pressure live at cell centres, u on the
cells' left faces, v on their lower faces, so that the discrete divergence and gradient are adjoint
and the projection onto divergence-free fields is exact::

        +----v[j+1,i]----+
        |                |
     u[j,i]   T[j,i]  u[j,i+1]
        |                |
        +-----v[j,i]-----+

All three fields have ny x nx entries and form one tensor ``q[batch, field, y, x]`` with fields
(u, v, T): v[0] is the lower plate and stays zero, the upper plate v[ny] = 0 is not stored.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Channel:
    """Geometry of the channel, in units of its height.

    Attributes:
        ny, nx: number of cells across and along the channel.
        length: period Lx [heights].
        stretching: β; row faces lie at y = (1 + tanh(β e) / tanh β) / 2 for e uniform in [-1, 1],
            so that rows are finer at the plates; 0 gives uniform rows.
    """

    ny: int
    nx: int
    length: float
    stretching: float = 0.0

    def __post_init__(self):
        if self.ny < 4 or self.nx < 4:
            raise ValueError(
                f"A channel needs at least 4 x 4 cells, got ny={self.ny}, nx={self.nx}. "
                "Choose more cells."
            )
        if not self.length > 0 or not self.stretching >= 0:
            raise ValueError(
                "Expected a positive length and a stretching of 0 or more, got "
                f"length={self.length}, stretching={self.stretching}."
            )

    @property
    def dx(self) -> float:
        """Cell size along x [heights]."""
        return self.length / self.nx

    def faces(self) -> Float[Tensor, " face"]:
        """Heights of the ny + 1 row faces, from 0 to 1, float64."""
        e = torch.linspace(-1, 1, self.ny + 1, dtype=torch.float64)
        if self.stretching == 0:
            return (1 + e) / 2
        beta = torch.tensor(self.stretching, dtype=torch.float64)
        return (1 + torch.tanh(beta * e) / torch.tanh(beta)) / 2

    def heights(self) -> Float[Tensor, " y"]:
        """Heights hⱼ of the rows, float64."""
        return self.faces().diff()

    def gaps(self) -> Float[Tensor, " face"]:
        """Distances gⱼ between neighbouring row centres; at the plates from plate to centre."""
        faces = self.faces()
        centres = (faces[1:] + faces[:-1]) / 2
        return torch.cat((faces[:1], centres, faces[-1:])).diff()


class Projection:
    """The exact projection of a state onto divergence-free velocities: u - ∇p with ∇²p = ∇·u.

    The discrete Laplacian separates. Along x it is diagonal in Fourier space; along y the Neumann
    matrix N is made symmetric by the row heights, S = h^½ N h^-½ = Q Λ Qᵀ, so that with
    V = h^-½ Q::

        p = V irfft( rfft(V⁻¹ ∇·u) / (Λ + (2 cos(2πk/nx) - 2) / dx²) )

    That is one real FFT and one matrix product each way, the same for uniform and stretched rows.
    """

    def __init__(self, channel: Channel, *, dtype: torch.dtype, device: torch.device | str):
        h, g = channel.heights(), channel.gaps()
        couplings = 1 / g[1:-1]
        neumann = torch.diag(couplings, 1) + torch.diag(couplings, -1)
        neumann -= torch.diag(neumann.sum(1))
        root = h.sqrt()
        eigenvalues, q = torch.linalg.eigh(neumann / (root[:, None] * root))
        k = torch.arange(channel.nx // 2 + 1, dtype=torch.float64)
        along_x = (2 * torch.cos(2 * torch.pi * k / channel.nx) - 2) / channel.dx**2
        inverse = 1 / (eigenvalues[:, None] + along_x)
        # eigh sorts upwards: the last eigenvalue is the constant mode, whose pressure is free.
        inverse[-1, 0] = 0
        inverse_gaps = 1 / g[:-1]
        inverse_gaps[0] = 0  # no pressure gradient moves v on the lower plate

        def put(a: Tensor) -> Tensor:
            return a.to(device=device, dtype=dtype)

        self.nx = channel.nx
        self.inverse_dx = 1 / channel.dx
        self.inverse_heights = put(1 / h)[:, None]
        self.inverse_gaps = put(inverse_gaps)[:, None]
        self.to_modes = put(q.T * root)
        self.from_modes = put(q / root[:, None])
        self.inverse_laplacian = put(inverse)

    def divergence(self, q: Float[Tensor, "batch 3 y x"]) -> Float[Tensor, "batch y x"]:
        """∇·(u, v) of every cell [velocity / height of the channel]."""
        u, v = q[:, 0], q[:, 1]
        across = torch.cat((v[:, 1:], torch.zeros_like(v[:, :1])), dim=1) - v
        along = torch.cat((u[..., 1:], u[..., :1]), dim=-1) - u
        return torch.addcmul(along * self.inverse_dx, across, self.inverse_heights)

    def __call__(self, q: Float[Tensor, "batch 3 y x"]) -> Float[Tensor, "batch 3 y x"]:
        """The state with the pressure gradient that makes its velocity divergence-free."""
        modes = torch.fft.rfft(self.to_modes @ self.divergence(q))
        modes = modes * self.inverse_laplacian
        p = self.from_modes @ torch.fft.irfft(modes, n=self.nx)
        left = torch.cat((p[..., -1:], p[..., :-1]), dim=-1)
        below = torch.cat((p[:, :1], p[:, :-1]), dim=1)
        u = torch.add(q[:, 0], p - left, alpha=-self.inverse_dx)
        v = torch.addcmul(q[:, 1], p - below, self.inverse_gaps, value=-1)
        return torch.stack((u, v, q[:, 2]), dim=1)
