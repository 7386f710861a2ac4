"""Both sides of the kernel constraint, and how far they are from each other.

    turned:  K(g^-1 x) with its vectors turned along           what the symmetry demands
    kept:    K with its functions on the group moved back      what the network holds

The two are equal for all g of the layer's group, exactly if K(g x) = rho_out(g) K(x) rho_in(g)^-1.
For scalars and vectors nothing is moved in ``kept``: it is the kernel itself.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.equivariance.kernels.field_types import SCALARS, FieldType, PlanarElement
from symdyn_core.equivariance.kernels.filters import FilterLayer, whole_kernel
from symdyn_core.equivariance.kernels.turned import can_dilate, turned, widened

NUMBERS = 100_000
"""Numbers of a kernel that are compared; of larger ones every n-th field."""

LONGEST_WAVENUMBER = 1.0
"""Of waves that kernels are tried on [radians a cell]: six cells and longer."""


@dataclass(frozen=True)
class Halves:
    """What a kernel should be and what it is, after an element.

    Attributes:
        turned, kept: both sides.
        residual: || turned - kept || / || K ||, over all channels.
    """

    turned: Float[Tensor, "field_out channel_out field_in channel_in ky kx"]
    kept: Float[Tensor, "field_out channel_out field_in channel_in ky kx"]

    @property
    def residual(self) -> float:
        return _relative(self.turned, self.kept)


def halves(layer: FilterLayer, element: PlanarElement, kernel: Tensor | None = None) -> Halves:
    """Both sides of the constraint of a layer.

    Args:
        kernel: of the layer, or some of its fields; all of it by default.
    """
    kernel = layer.kernel() if kernel is None else kernel
    moved = _mixed(turned(kernel, layer.basis, element), layer, element, functions=False)
    back = PlanarElement(element.angle if element.mirrored else -element.angle, element.mirrored)
    return Halves(moved, _mixed(kernel, layer, back, functions=True))


def dilated(
    layer: FilterLayer, factor: float, kernel: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """(the filter ``factor`` times as wide, the filter that the network reads at that scale).

    A layer whose basis can be dilated reads the first one; an ordinary one has but its own filter.
    Both on the same square.
    """
    kernel = layer.kernel() if kernel is None else kernel
    wide = widened(kernel, layer.basis, factor)
    held = wide if _dilates(layer) else kernel
    half = max(wide.shape[-1], held.shape[-1]) // 2
    return _on_square(wide, half), _on_square(held, half)


def level_residual(layer: FilterLayer) -> float | None:
    """How far the coarser levels of a lift are from its finest, dilated; None for one level."""
    if layer.levels < 2:
        return None
    whole = whole_kernel(layer.convolution)
    finest = layer.kernel().flatten(2, 3).flatten(0, 1)
    worst = 0.0
    for j, held in enumerate(whole.chunk(layer.levels)):
        a = 2 ** (j / 2)
        wide = _on_square(widened(finest, layer.basis, a) * a, held.shape[-1] // 2)
        worst = max(worst, _relative(held, wide))
    return worst


def dilation_residual(layer: FilterLayer, factor: float, kernel: Tensor | None = None) -> float:
    """|| response of the held filter to waves k - response of K to waves factor k ||, relative."""
    kernel = layer.kernel() if kernel is None else kernel
    _, held = dilated(layer, factor, kernel)
    waves = _waves() / max(factor, 1.0)
    return _relative(_response(held, waves), _response(kernel, factor * waves))


def wave_residual(
    layer: FilterLayer, element: PlanarElement, kernel: Tensor | None = None
) -> float:
    """The constraint between responses to waves of six cells and longer, whatever the angle.

    K^(k) = sum_x K(x) e^{i k x} is known for every k, so nothing is interpolated: this is how well
    the sampled filters act as turned copies of each other.
    """
    kernel = layer.kernel() if kernel is None else kernel
    waves = _waves()
    turned_waves = waves @ element.matrix()  # g^-1 k
    moved = _mixed(_response(kernel, turned_waves)[..., None, :], layer, element, functions=False)
    back = PlanarElement(element.angle if element.mirrored else -element.angle, element.mirrored)
    own = _mixed(_response(kernel, waves)[..., None, :], layer, back, functions=True)
    return _relative(moved, own)


def some_fields(layer: FilterLayer) -> Tensor:
    """The kernel of a layer between as many of its fields as are quickly compared."""
    kernel = layer.kernel()
    stride = math.ceil(math.sqrt(kernel.numel() / NUMBERS))
    return kernel[::stride, :, ::stride] if stride > 1 else kernel


def _mixed(kernel: Tensor, layer: FilterLayer, element: PlanarElement, *, functions: bool):
    """rho_out(g) K rho_in(g)^-1 of the channels that are functions, or of the others."""
    out = _part(layer.type_out, functions).matrix(element).to(kernel.dtype)
    into = _part(layer.type_in, functions).matrix(element).to(kernel.dtype)
    if out.shape[0] == layer.type_out.size:
        kernel = torch.einsum("ab,obicyx->oaicyx", out, kernel)
    if into.shape[0] == layer.type_in.size:
        kernel = torch.einsum("dc,oaicyx->oaidyx", into, kernel)
    return kernel


def _part(kind: FieldType, functions: bool) -> FieldType:
    return kind if (kind.kind == "functions") is functions else SCALARS


def _response(kernel: Tensor, waves: Float[Tensor, "wave 2"]) -> Tensor:
    half = kernel.shape[-1] // 2
    axis = torch.arange(-half, half + 1, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    phase = waves[:, 0, None] * x.flatten() + waves[:, 1, None] * y.flatten()
    return kernel.flatten(-2).to(torch.complex128) @ torch.exp(1j * phase).T


def _waves() -> Float[Tensor, "wave 2"]:
    """Wavevectors in all directions, none along an axis."""
    directions = (torch.arange(12, dtype=torch.float64) + 0.37) * 2 * math.pi / 12
    lengths = torch.tensor((0.25, 0.5, 0.75, 1.0), dtype=torch.float64) * LONGEST_WAVENUMBER
    units = torch.stack((torch.cos(directions), torch.sin(directions)), dim=-1)
    return (lengths[:, None, None] * units).flatten(0, 1)


def _dilates(layer: FilterLayer) -> bool:
    return layer.half == 0 or can_dilate(layer.basis)


def _on_square(kernel: Tensor, half: int) -> Tensor:
    spare = half - kernel.shape[-1] // 2
    if spare < 0:
        return kernel[..., -spare:spare, -spare:spare]
    return torch.nn.functional.pad(kernel, (spare,) * 4)


def _relative(found: Tensor, wanted: Tensor) -> float:
    size = wanted.abs().square().sum().sqrt().item()
    return (found - wanted).abs().square().sum().sqrt().item() / size if size else 0.0
