"""The convolutions of a network, with what is known of how their channels transform."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.equivariance.features import layer_name
from symdyn_core.equivariance.kernels.field_types import (
    SCALARS,
    VECTORS,
    FieldType,
    functions_on,
)
from symdyn_core.layers.component_magnitude import ComponentMagnitudeConvolution
from symdyn_core.layers.convolution import Activated, Convolution
from symdyn_core.layers.kernel_basis import KernelBasis
from symdyn_core.layers.lattice_harmonics import LatticeBasis
from symdyn_core.layers.levels import LevelLift
from symdyn_core.layers.magnitude import MagnitudeConvolution
from symdyn_core.layers.steerable import Lift, Projection, SteerableConvolution
from symdyn_core.layers.uniform_motion import CentredConvolution, UniformMotionConvolution

FRAMES = (UniformMotionConvolution, MagnitudeConvolution, ComponentMagnitudeConvolution)

Family = Literal["steerable", "uniform motion", "magnitude", "ordinary"]


@dataclass(frozen=True, eq=False)
class FilterLayer:
    """One convolution of a network.

    Attributes:
        path: of the module.
        family: what its kernels are made for.
        convolution: the module with the kernel; ``answering`` the one around it that activates and
            puts frames back, or itself.
        type_in, type_out: how one field of its input and of its output transforms.
        basis: what its kernels are expanded in; those of an ordinary one are not sums of it alone.
        frameless: whether its input is free of the frame already, so that any kernel will do.
    """

    path: str
    family: Family
    convolution: nn.Module
    answering: nn.Module
    type_in: FieldType
    type_out: FieldType
    basis: KernelBasis
    frameless: bool = False

    @property
    def levels(self) -> int:
        """Levels of scale that its output holds."""
        return self.convolution.extent if isinstance(self.convolution, LevelLift) else 1

    def kernel(self) -> Float[Tensor, "field_out channel_out field_in channel_in ky kx"]:
        """The kernel by fields, float64; of several levels the finest, on its own support."""
        whole = whole_kernel(self.convolution).chunk(self.levels)[0]
        spare = whole.shape[-1] // 2 - self.half if self.levels > 1 else 0
        if spare:
            whole = whole[..., spare:-spare, spare:-spare]
        return whole.unflatten(1, (-1, self.type_in.size)).unflatten(0, (-1, self.type_out.size))

    @property
    def half(self) -> int:
        """Half width of the kernel's square at rest, in cells."""
        if isinstance(self.convolution, SteerableConvolution):
            return self.basis.radius(1.0)
        return whole_kernel(self.convolution).shape[-1] // 2


@torch.no_grad()
def whole_kernel(convolution: nn.Module) -> Float[Tensor, "channel_out channel_in ky kx"]:
    """The ordinary kernel of a convolution, float64, on the CPU."""
    if isinstance(convolution, Convolution):
        return convolution.kernel().double().cpu()
    return convolution.get_parameter("weight").double().cpu()


def filters(forecaster: object) -> list[FilterLayer]:
    """The convolutions of a forecaster in the order of their definition; none if it is no module.

    Only those with square kernels around a middle cell are told, on all channels at once.
    """
    if not isinstance(forecaster, nn.Module):
        return []
    found = [(path, m) for path, m in forecaster.named_modules() if _is_filter(m)]
    around = {id(m.convolution): m for m in forecaster.modules() if _surrounds(m)}
    moving = any(isinstance(m, CentredConvolution) for _, m in found)
    layers = []
    for place, (path, convolution) in enumerate(found):
        ends = (place == 0, place == len(found) - 1)
        layers.append(_described(path, convolution, around, ends, moving))
    return layers


def _described(path, convolution, around, ends, moving) -> FilterLayer:
    answering = around.get(id(convolution), convolution)
    if isinstance(convolution, SteerableConvolution):
        functions = functions_on(convolution.group)
        type_in = VECTORS if isinstance(convolution, Lift | LevelLift) else functions
        type_out = VECTORS if isinstance(convolution, Projection) else functions
        family: Family = "steerable"
        basis: KernelBasis = convolution.basis
    else:
        channels_out, channels_in, size, _ = convolution.get_parameter("weight").shape
        basis = LatticeBasis(size)
        family = _framed_family(convolution, answering)
        pairs = moving or family != "ordinary"
        type_in = VECTORS if (pairs or ends[0]) and channels_in % 2 == 0 else SCALARS
        type_out = VECTORS if pairs or (ends[1] and channels_out == 2) else SCALARS
    return FilterLayer(
        layer_name(path), family, convolution, answering, type_in, type_out, basis,
        frameless=moving and family == "ordinary",
    )  # fmt: skip


def _framed_family(convolution: nn.Module, answering: nn.Module) -> Family:
    if isinstance(convolution, CentredConvolution):
        return "uniform motion"
    if isinstance(answering, MagnitudeConvolution | ComponentMagnitudeConvolution):
        return "magnitude"
    return "ordinary"


def _is_filter(module: nn.Module) -> bool:
    if isinstance(module, Convolution):
        return True
    if not isinstance(module, nn.Conv2d):
        return False
    ky, kx = module.kernel_size
    return ky == kx and ky % 2 == 1 and module.groups == 1 and module.dilation == (1, 1)


def _surrounds(module: nn.Module) -> bool:
    return isinstance(module, (Activated, *FRAMES))
