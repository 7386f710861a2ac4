"""Padding that keeps the symmetries: an axis repeats or replicates its edge, never zeros.

A zero outside the domain is a velocity of its own: it does not follow a uniform motion. Replicated
and periodic edges commute with uniform motion, magnitude, quarter turns and reflections, and
periodic edges with cyclic shifts as well.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

YX = (-2, -1)
"""The axes along which fields are extended, in the order of radii and periodicities."""


def pad(
    h: Float[Tensor, "batch channel y x"],
    radius: int | tuple[int, int],
    periodic: tuple[bool, bool],
) -> Float[Tensor, "batch channel padded_y padded_x"]:
    """Extend a field on every side.

    Precision and memory format (channels first or last) stay what they are, under autocast too.

    Args:
        radius: cells that are added, or their numbers (along y, along x).
        periodic: which axes repeat, (along y, along x); the others replicate their edge.
    """
    y, x = (radius, radius) if isinstance(radius, int) else radius
    if y == x == 0:
        return h
    if _wraps_more_than_once(h, (y, x), periodic):
        # A repeating line of n cells extended by n on both sides still repeats after n.
        first = (min(y, h.shape[-2]), min(x, h.shape[-1]))
        return pad(pad(h, first, periodic), (y - first[0], x - first[1]), periodic)
    if not (torch.is_grad_enabled() and h.requires_grad):
        return _extended(h, (y, x), periodic)
    if torch.compiler.is_compiling():
        # Compiled for a CPU, the gradient of PyTorch's replication fails.
        return _concatenated(h, (y, x), periodic)
    return _Padding.apply(h, (y, x), periodic)


def memory_format(h: Tensor) -> torch.memory_format:
    """``channels_last`` for a field that is laid out so, and the ordinary format otherwise."""
    try:
        last = not h.is_contiguous() and h.is_contiguous(memory_format=torch.channels_last)
    except RuntimeError:  # fields that ``vmap`` batches do not tell
        last = False
    return torch.channels_last if last else torch.contiguous_format


class _Padding(torch.autograd.Function):
    """Padding with a cheap gradient that keeps nothing alive.

    PyTorch's own holds the unpadded field until the backward pass, only to know its shape, and its
    gradient takes twice the time of this one on a CPU, four times on periodic axes.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(h: Tensor, radii: tuple[int, int], periodic: tuple[bool, bool]) -> Tensor:
        return _extended(h, radii, periodic)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        _, ctx.radii, ctx.periodic = inputs

    @staticmethod
    def backward(ctx, gradient: Tensor):
        on_gpu = gradient.is_cuda and not torch.are_deterministic_algorithms_enabled()
        fold = _scattered if on_gpu and not any(ctx.periodic) else _folded
        return fold(gradient, ctx.radii, ctx.periodic), None, None

    @staticmethod
    def jvp(ctx, tangent: Tensor, *_):
        return pad(tangent, ctx.radii, ctx.periodic)


def _wraps_more_than_once(h: Tensor, radii: tuple[int, int], periodic: tuple[bool, bool]) -> bool:
    return any(
        repeats and cells > length
        for length, cells, repeats in zip(h.shape[-2:], radii, periodic, strict=True)
    )


def _extended(h: Tensor, radii: tuple[int, int], periodic: tuple[bool, bool]) -> Tensor:
    # PyTorch's replication casts bfloat16 up under autocast on a CPU, and its repetition loses
    # ``channels_last``.
    if any(periodic) or torch.is_autocast_enabled(h.device.type):
        return _concatenated(h, radii, periodic)
    return F.pad(h, _sides(radii), mode="replicate")


def _concatenated(h: Tensor, radii: tuple[int, int], periodic: tuple[bool, bool]) -> Tensor:
    """Padding by concatenation, axis by axis."""
    for axis, radius, repeats in zip(YX, radii, periodic, strict=True):
        length = h.shape[axis]
        if repeats:
            before, after = [h.narrow(axis, length - radius, radius)], [h.narrow(axis, 0, radius)]
        else:
            # A list of views, not an expanded one, whose strides would hide the memory format.
            before = [h.narrow(axis, 0, 1)] * radius
            after = [h.narrow(axis, length - 1, 1)] * radius
        h = torch.cat((*before, h, *after), dim=axis) if radius else h
    return h


def _scattered(gradient: Tensor, radii: tuple[int, int], periodic: tuple[bool, bool]) -> Tensor:
    """The transpose of replication in one launch, whose order of summation is not fixed."""
    inner = gradient
    for axis, radius in zip(YX, radii, strict=True):
        inner = _parts(inner, axis, radius)[1]  # only its shape is used
    return torch.ops.aten.replication_pad2d_backward(gradient, inner, _sides(radii))


def _folded(gradient: Tensor, radii: tuple[int, int], periodic: tuple[bool, bool]) -> Tensor:
    """The transpose of padding: what lies outside is added to the cells that it was copied from.

    The rows above and below are folded along x first, so that one pass over the field is enough.
    """
    (y, x), (repeats_y, repeats_x) = radii, periodic
    above, rows, below = _parts(gradient, -2, y)
    left, inner, right = _parts(rows, -1, x)
    inner = inner.clone(memory_format=memory_format(gradient))
    _add_halo(inner, -1, (left, right), repeats_x)
    halo = []
    for edge in (above, below):
        left, middle, right = _parts(edge, -1, x)
        halo.append(middle.clone())
        _add_halo(halo[-1], -1, (left, right), repeats_x)
    _add_halo(inner, -2, (halo[0], halo[1]), repeats_y)
    return inner


def _parts(h: Tensor, axis: int, radius: int) -> tuple[Tensor, Tensor, Tensor]:
    """What lies before, within and behind a padded axis."""
    before, inner, behind = h.split((radius, h.shape[axis] - 2 * radius, radius), dim=axis)
    return before, inner, behind


def _add_halo(inner: Tensor, axis: int, halo: tuple[Tensor, Tensor], repeats: bool) -> None:
    """Add the halo before and behind an axis of ``inner`` to the cells that it was copied from."""
    radius, length = halo[0].shape[axis], inner.shape[axis]
    if repeats:
        inner.narrow(axis, length - radius, radius).add_(halo[0])
        inner.narrow(axis, 0, radius).add_(halo[1])
        return
    for edge, start in zip(halo, (0, length - 1), strict=True):
        cells = inner.narrow(axis, start, 1)
        for layer in edge.split(1, dim=axis) if radius else ():
            cells.add_(layer)


def _sides(radii: tuple[int, int]) -> list[int]:
    """Radii (along y, along x) in the order of ``F.pad``: left, right, above, below."""
    y, x = radii
    return [x, x, y, y]
