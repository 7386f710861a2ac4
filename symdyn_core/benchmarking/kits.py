"""The kits that are measured, each beside the plain one of equal expanded width."""

from torch import nn

from symdyn_core.layers import (
    DihedralKit,
    LayerKit,
    MagnitudeKit,
    PlainKit,
    ScaledKit,
    SteerableKit,
    UniformMotionKit,
)

PLAIN = "plain"
"""Name of the baseline. Measured against itself it shows what the figures are worth."""


def measured_kits(kernel_size: int) -> dict[str, LayerKit]:
    """Name -> kit, every kit with its variants; the first is the control."""
    return {
        PLAIN: PlainKit(kernel_size=kernel_size),
        "uniform_motion": UniformMotionKit(kernel_size=kernel_size),
        "magnitude": MagnitudeKit(kernel_size=kernel_size),
        "magnitude per component": MagnitudeKit(kernel_size=kernel_size, scale="component"),
        "rotation C_8": SteerableKit(kernel_size=kernel_size, order=8),
        "rotation C_16": SteerableKit(kernel_size=kernel_size, order=16),
        "reflection D_8": DihedralKit(kernel_size=kernel_size, order=8),
        "scaling": ScaledKit(kernel_size=kernel_size),
        "scaling D_8": ScaledKit(kernel_size=kernel_size, order=8, mirrored=True),
    }


def plain_like(kit: LayerKit) -> PlainKit:
    """The plain kit with the same kernel size and edges."""
    return PlainKit(kernel_size=kit.kernel_size, periodic=kit.periodic)


def width(kit: LayerKit, channels: int) -> int:
    """Number of hidden fields of a kit that fill ``channels`` tensor channels.

    Raises:
        ValueError: they do not fill them exactly.
    """
    size = kit.channels(1)
    if channels % size or channels < size:
        raise ValueError(
            f"Fields of the {kit.name} kit have {size} channels, which do not fill {channels}. "
            "Use a multiple of 16."
        )
    return channels // size


def resident(module: nn.Module, *inputs) -> list:
    """The tensors that exist while a module works: its own and its inputs."""
    return [*module.parameters(), *module.buffers(), *inputs]
