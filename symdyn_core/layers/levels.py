"""Levels of scale: features h(lambda, x), and the lift that makes them from past frames.

The group acts by w -> a w(a x, a^2 t). Hidden fields are functions h(lambda, x) of a scale and a
place, which an element takes to h(a lambda, a x):

    lift:         h(lambda, x)  = lambda sum_{y, s} psi(y, s) w(x + lambda y, lambda^2 s dt)
    correlation:  h'(lambda, x) = sum_{j, y} psi_j(y) h(lambda 2^(j/2), x + lambda y)
    projection:   lambda out(lambda, x), the velocity at the time lambda^2 dt from now

with s = 0, -1, ..., -(L - 1). Kernels are sums over a compact basis, dilated in closed form. Levels
are lambda 2^(j/2), so that frames lie whole numbers of steps apart.

The axis of levels is never padded. A forecast needs the level lambda = 1 of the output, and an
extent of l levels in one correlation needs l levels of the lift: these are computed and no others,
so nothing is cut off, and behind that correlation features are ordinary tensors of one level. The
same network read at another scale (``dilate`` on all of its layers) is the other side of the
equation f(T_a w) = T_a f_a(w). What remains is the quadrature of dilated kernels on the lattice.
Source: Sosnovik et al. (2020) for dilated kernels, Wang et al. (2021) for the action on time.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from symdyn_core.layers.padding import memory_format, pad
from symdyn_core.layers.steerable import SteerableConvolution


class LevelLift(SteerableConvolution):
    """Vectors of all past frames -> functions on the group at ``extent`` levels of scale.

    Level j looks at every 2^j-th frame through kernels 2^(j/2) times as wide, all with the same
    coefficients: one ordinary convolution for each level, of that level's size.

    Args:
        kept: L, the number of frames that each level sees.
        extent: number of levels.
    """

    def __init__(self, group, basis, kept, width, extent, **options):
        self.kept, self.extent, self.steps = kept, extent, 1
        super().__init__(group, basis, (width, kept, 2), 2 * kept, width, **options)
        self.dilate(1.0)

    @property
    def past(self) -> int:
        """Number of past frames that the coarsest level spans."""
        return self.steps * 2 ** (self.extent - 1) * (self.kept - 1) + 1

    def dilate(self, factor: float) -> None:
        """See every level ``factor`` times as wide and ``factor``^2 times as far back.

        Raises:
            ValueError: factor^2 is not a whole number of time steps.
        """
        steps = round(factor**2) if 0 < factor < math.inf else 0
        if steps < 1 or abs(steps - factor**2) > 1e-6:
            raise ValueError(
                "Levels of scale lie at factors > 0 whose square is a whole number of time steps, "
                f"got {factor:g} with {factor:g}^2 = {factor**2:g}. Use sqrt(2), sqrt(3), 2, ..."
            )
        self.steps, self.factor = steps, factor
        self.radius = self.basis.radius(self._levels()[-1])
        self._sample_table()

    def _levels(self) -> list[float]:
        return [self.factor * 2 ** (j / 2) for j in range(self.extent)]

    def _sample_table(self) -> None:
        super()._sample_table()
        tables = [self._centred(self.basis.table(self.group, a) * a) for a in self._levels()]
        # Levels and elements along one axis: no network could be laid out as channels_last with a
        # tensor of five.
        self.table = torch.cat(tables).to(self.weight)

    def _centred(self, table: Tensor) -> Tensor:
        """The table of a level in the middle of the kernel of the coarsest one."""
        return F.pad(table, (self.radius - table.shape[-1] // 2,) * 4)

    def kernel(self) -> Float[Tensor, "level_channel_out channel_in ky kx"]:
        """The kernels of all levels, each in the middle of the square of the coarsest one."""
        with torch.autocast(self.weight.device.type, enabled=False):
            table = self.table.to(self.weight.dtype).unflatten(0, (self.extent, -1))
            own = torch.einsum("osdi,lgiyx,gcd->logscyx", self.weight, table, self.matrices)
        return own.flatten(3, 4).flatten(0, 2)

    def expanded_bias(self) -> Tensor | None:
        bias = super().expanded_bias()
        return None if bias is None else bias.repeat(self.extent)

    def forward(
        self, h: Float[Tensor, "batch channel_in y x"]
    ) -> Float[Tensor, "batch channel_out y x"]:
        past = h.shape[1] // 2
        if past < self.past:
            raise ValueError(
                f"At a scale of {self.factor:g} this network needs {self.past} past frames, got "
                f"{past}. Cut windows with a larger `past`."
            )
        kernel, bias = self.evaluated_kernel(memory_format(h))
        kernels = kernel.chunk(self.extent)
        biases = [None] * self.extent if bias is None else bias.chunk(self.extent)
        levels = [self._at_level(h, j, kernels[j], biases[j]) for j in range(self.extent)]
        return torch.cat(levels, dim=1)

    def _at_level(
        self,
        h: Float[Tensor, "batch channel_in y x"],
        j: int,
        kernel: Tensor,
        bias: Tensor | None,
    ) -> Float[Tensor, "batch channel_out_level y x"]:
        stride = self.steps * 2**j
        newest = h.shape[1] - 2
        seen = [newest - 2 * stride * s + c for s in range(self.kept) for c in (0, 1)]
        frames = h[:, seen].contiguous(memory_format=memory_format(h))
        radius = self.basis.radius(self._levels()[j])
        spare = self.radius - radius
        kernel = kernel[:, :, spare : kernel.shape[2] - spare, spare : kernel.shape[3] - spare]
        return F.conv2d(pad(frames, radius, self.periodic), kernel, bias)
