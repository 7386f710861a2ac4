"""The rotation and reflection kits: steerable convolutions over C_n and D_n.

Wang et al. (2021) use C_8 without reflections.
"""

from dataclasses import dataclass, field

from torch import nn

from symdyn_core.layers.activation import FILTER_REACH, BandLimited
from symdyn_core.layers.convolution import Activated, activation_gain
from symdyn_core.layers.initialisation import PROJECTION_GAIN, RESIDUAL_GAIN
from symdyn_core.layers.kernel_basis import KernelBasis
from symdyn_core.layers.kit import LayerKit, Residual
from symdyn_core.layers.lattice_harmonics import LatticeBasis
from symdyn_core.layers.planar_groups import PlanarGroup
from symdyn_core.layers.steerable import GroupCorrelation, Lift, Projection


@dataclass(frozen=True)
class SteerableKit(LayerKit):
    """Steerable convolutions over C_n; one hidden field is a function on C_n, n channels.

    Args:
        order: n, the number of rotations; exact on the lattice for those by quarter turns.
        activation: "pointwise", or "band_limited" (``layers.activation``) for a smaller error
            between the quarter turns.
    """

    periodic: tuple[bool, bool] = (False, False)
    kernel_size: int = 3
    order: int = 8
    name: str = "rotation"
    activation: str = field(default="pointwise", kw_only=True)

    def __post_init__(self):
        super().__post_init__()
        if self.activation not in ("pointwise", "band_limited"):
            raise ValueError(
                f"The activation must be 'pointwise' or 'band_limited', got {self.activation!r}."
            )
        _ = self.group, self.basis()  # both say what is wrong with a size

    @property
    def group(self) -> PlanarGroup:
        """The group that the kit respects besides translations."""
        return PlanarGroup(self.order)

    def basis(self, pointwise: bool = False) -> KernelBasis:
        """The kernels of the kit's convolutions, or of its 1 x 1 maps."""
        return LatticeBasis(1 if pointwise else self.kernel_size)

    def channels(self, width: int) -> int:
        return self.group.size * width

    @property
    def reach(self) -> int:
        return self.kernel_size // 2 + (FILTER_REACH if self.activation == "band_limited" else 0)

    def lift(self, past: int, width: int) -> nn.Module:
        lift = Lift(self.group, self.basis(), past, width, **self._options(activation_gain()))
        return self._activated(lift)

    def residual(self, width_in: int, width_out: int) -> nn.Module:
        same = width_in == width_out
        skip = nn.Identity() if same else self._correlation(width_in, width_out, 1.0, True)
        second = self._correlation(width_out, width_out, RESIDUAL_GAIN)
        return Residual(self.convolve(width_in, width_out), second, skip)

    def convolve(self, width_in: int, width_out: int) -> nn.Module:
        return self._activated(self._correlation(width_in, width_out, activation_gain()))

    def project(self, width: int, increment: bool) -> nn.Module:
        gain = PROJECTION_GAIN if increment else 1.0
        return Projection(self.group, self.basis(), width, **self._options(gain))

    def _activated(self, convolution: nn.Module) -> Activated:
        pointwise = self.activation == "pointwise"
        return Activated(convolution, None if pointwise else BandLimited(self.periodic))

    def _correlation(self, width_in, width_out, gain, pointwise=False) -> GroupCorrelation:
        basis = self.basis(pointwise)
        return GroupCorrelation(self.group, basis, width_in, width_out, **self._options(gain))

    def _options(self, gain: float) -> dict:
        return {"periodic": self.periodic, "gain": gain}


@dataclass(frozen=True)
class DihedralKit(SteerableKit):
    """Steerable convolutions over D_n; one hidden field is a function on D_n, 2 n channels.

    Args:
        order: n, the number of rotations; there are as many reflections.
    """

    name: str = "reflection"

    @property
    def group(self) -> PlanarGroup:
        return PlanarGroup(self.order, mirrored=True)
