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

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.solvers.workspace import FRESH, Memory


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
        if not (
            self.ny >= 4 and self.nx >= 4 and int(self.ny) == self.ny and int(self.nx) == self.nx
        ):
            raise ValueError(
                f"A channel needs at least 4 x 4 cells, got ny={self.ny}, nx={self.nx}. "
                "Choose more cells."
            )
        if not (0 < self.length < math.inf and 0 <= self.stretching < math.inf):
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
        self.inverse_laplacian = put(torch.stack((inverse, inverse), dim=-1))

    def divergence(
        self, q: Float[Tensor, "batch 3 y x"], memory: Memory = FRESH
    ) -> Float[Tensor, "batch y x"]:
        """∇·(u, v) of every cell [velocity / height of the channel]."""
        u, v, *parts = memory.views("neighbours of faces", lambda: _neighbours(q), of=q)
        right = memory("right", torch.cat, parts[:2], dim=-1)
        above = memory("above", torch.cat, parts[2:], dim=1)
        along = memory("along_x", torch.sub, right, u).mul_(self.inverse_dx)
        return along.addcmul_(memory("across", torch.sub, above, v), self.inverse_heights)

    def __call__(self, q: Float[Tensor, "batch 3 y x"]) -> Float[Tensor, "batch 3 y x"]:
        """The state with the pressure gradient that makes its velocity divergence-free."""
        return self.project_(q.clone())

    def project_(
        self, q: Float[Tensor, "batch 3 y x"], memory: Memory = FRESH
    ) -> Float[Tensor, "batch 3 y x"]:
        """The same in the memory of the state itself."""
        p = self._pressure(self.divergence(q, memory), memory)
        last, left, first, below = memory.views(
            "pressure", lambda: (p[..., -1:], p[..., :-1], p[:, :1], p[:, :-1])
        )
        u, v = memory.views("u, v", lambda: (q[:, 0], q[:, 1]), of=q)
        along = memory("left", torch.cat, (last, left), dim=-1)
        u.add_(memory("along_p", torch.sub, p, along), alpha=-self.inverse_dx)
        across = memory("below", torch.cat, (first, below), dim=1)
        v.addcmul_(memory("across_p", torch.sub, p, across), self.inverse_gaps, value=-1)
        return q

    def _pressure(self, divergence: Tensor, memory: Memory) -> Float[Tensor, "batch y x"]:
        """p with ∇²p = ∇·(u, v), of zero mean."""
        modes = memory("to modes", torch.matmul, self.to_modes, divergence)
        modes = memory("modes", torch.fft.rfft, modes)
        # Real and imaginary parts one by one: no factor is made complex first.
        parts = memory.views("parts", lambda: torch.view_as_real(modes))
        parts = memory("solved", torch.mul, parts, self.inverse_laplacian)
        solved = memory.views("complex", lambda: torch.view_as_complex(parts))
        solved = memory("rows", torch.fft.irfft, solved, n=self.nx)
        return memory("p", torch.matmul, self.from_modes, solved)


def _neighbours(q: Float[Tensor, "batch 3 y x"]) -> tuple[Tensor, ...]:
    """u, v, the two parts of u one cell to the right, and those of v one row above."""
    u, v = q[:, 0], q[:, 1]
    return u, v, u[..., 1:], u[..., :1], v[:, 1:], torch.zeros_like(v[:, :1])
