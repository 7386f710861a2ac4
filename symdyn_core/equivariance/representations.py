"""How hidden features of a layer may transform when the flow does.

An element g moves the pixels of a feature map and mixes its channels, h -> rho(g) h(g^-1 x). Which
rho belongs to a layer follows from the kit that it was built with; there are few, and they are
tried one by one:

    scalars               channels as they are: every layer under shifts, plain ones under turns
    vectors               channels in pairs (u, v) that turn: the framed kits, every forecast
    functions on C_n, D_n channels in tuples that are permuted: the steerable kits (regular rep.)
    moving pairs          channels in pairs (u, v) that gain c: the uniform-motion kit
    invariant             nothing changes: its residual branches; everything inside a wrapper
    multiples             a h: the magnitude kit, and every linear layer without bias

Only elements that act on features without interpolation are used, quarter turns and mirrors,
shifts by whole cells, uniform motion and magnitude. Boosts and scalings move past frames, which
features have mixed: they are measured on the whole forecaster only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.grid import Element, Grid
from symdyn_core.layers.planar_groups import PlanarGroup
from symdyn_core.symmetries import (
    Magnitude,
    Reflection,
    Rotation,
    Symmetry,
    Translation,
    UniformMotion,
)
from symdyn_core.symmetries.symmetry import number, pair

Features = Float[Tensor, "batch channel y x"]


@dataclass(frozen=True)
class Representation:
    """One way for channels to transform; pixels have moved already."""

    name: str
    act: Callable[[Tensor], Tensor]


def probe(symmetry: Symmetry) -> Element | None:
    """The element with which layers are tested; None where features cannot follow.

    Shifts are by eight cells, which three coarsenings divide; mirrors are east and west.
    """
    probes: dict[type, Element] = {
        Translation: (8.0, 8.0),
        UniformMotion: (1.0, 0.5),
        Magnitude: 2.0,
        Rotation: 90.0,
        Reflection: (180.0, 1.0),
    }
    return probes.get(type(symmetry))


def moved_pixels(
    symmetry: Symmetry, element: Element, h: Tensor, grid: Grid
) -> Float[Tensor, "batch channel new_y new_x"] | None:
    """h(g^-1 x), channels untouched; None where a shift is no whole number of coarse cells."""
    if isinstance(symmetry, Rotation):
        return torch.rot90(h, -_turns(number(element, symmetry.name)), (-2, -1))
    if isinstance(symmetry, Reflection):
        angle, mirrored = pair(element, symmetry.name)
        return torch.rot90(h.flip(-2) if mirrored else h, -_turns(angle), (-2, -1))
    if isinstance(symmetry, Translation):
        a_x, a_y = pair(element, symmetry.name)
        shifts = [a * coarse / fine for a, coarse, fine in
                  ((a_y, h.shape[-2], grid.ny), (a_x, h.shape[-1], grid.nx))]  # fmt: skip
        if any(shift != round(shift) for shift in shifts):
            return None
        return h.roll([round(shift) for shift in shifts], (-2, -1))
    return h


def representations(
    symmetry: Symmetry,
    element: Element,
    channels: int,
    groups: Sequence[PlanarGroup] = (),
    velocity_units: Sequence[float] = (1.0,),
) -> list[Representation]:
    """The ways in which ``channels`` channels may transform; the first is that of plain pixels.

    Args:
        groups: of the steerable layers of the network.
        velocity_units: U by which a network may have divided velocities.
    """
    if isinstance(symmetry, Magnitude):
        factor = number(element, symmetry.name)
        return [_named("invariant"), Representation("multiples", lambda h: factor * h)]
    if isinstance(symmetry, UniformMotion):
        moving = [_moving(symmetry, element, unit) for unit in velocity_units]
        return [_named("invariant"), *(moving if channels % 2 == 0 else [])]
    if isinstance(symmetry, Rotation | Reflection):
        angle, mirrored = (
            pair(element, symmetry.name)
            if isinstance(symmetry, Reflection)
            else (number(element, symmetry.name), 0.0)
        )
        found = [_named("scalars")]
        if channels % 2 == 0:
            found.append(_vectors(angle, bool(mirrored)))
        regular = [_regular(group, angle, bool(mirrored), channels) for group in groups]
        return found + [representation for representation in regular if representation is not None]
    return [_named("scalars")]


def of_velocity(symmetry: Symmetry, element: Element) -> Representation:
    """How the two channels of a velocity transform: the representation of every forecast."""
    if isinstance(symmetry, Magnitude | UniformMotion | Rotation | Reflection):
        ways = representations(symmetry, element, 2)
        return Representation("velocity", ways[1].act)
    return Representation("velocity", lambda h: h)


def planar_groups(module: nn.Module) -> list[PlanarGroup]:
    """The groups over which layers of a network are steerable, the largest first."""
    groups = {getattr(layer, "group", None) for layer in module.modules()}
    found = [group for group in groups if isinstance(group, PlanarGroup) and group.size > 1]
    return sorted(found, key=lambda group: -group.size)


def velocity_units(module: nn.Module) -> list[float]:
    """Units of velocity that networks in a module divide by, and 1."""
    scales = {1.0}
    for layer in module.modules():
        scale = getattr(layer, "scale", None)
        if isinstance(scale, Tensor) and scale.numel() == 1:
            scales.add(float(scale))
    return sorted(scales)


def _named(name: str) -> Representation:
    return Representation(name, lambda h: h)


def _turns(angle: float) -> int:
    turns = round(angle / 90) % 4
    if abs(angle / 90 - round(angle / 90)) > 1e-9:
        raise ValueError(f"Features turn by quarter turns, got {angle} degrees.")
    return turns


def _moving(symmetry: UniformMotion, element: Element, unit: float) -> Representation:
    c = torch.tensor(pair(element, symmetry.name), dtype=torch.float64)
    c = c * symmetry.velocity_unit / unit

    def gain(h: Tensor) -> Tensor:
        pairs = h.unflatten(1, (-1, 2)) + c.to(h)[:, None, None]
        return pairs.flatten(1, 2)

    return Representation("moving pairs", gain)


def _vectors(angle: float, mirrored: bool) -> Representation:
    matrix = _matrix(angle, mirrored)

    def turn(h: Tensor) -> Tensor:
        return torch.einsum("cd,bfdyx->bfcyx", matrix.to(h), h.unflatten(1, (-1, 2))).flatten(1, 2)

    return Representation("vectors", turn)


def _regular(
    group: PlanarGroup, angle: float, mirrored: bool, channels: int
) -> Representation | None:
    """(g h)_k = h_{g^-1 k}; None where the group lacks g or does not fit the channels."""
    same = (group.matrices() - _matrix(angle, mirrored)).abs().amax(dim=(1, 2)) < 1e-9
    if channels % group.size or not same.any():
        return None
    source = group.relative()[int(same.nonzero()[0, 0])]

    def permute(h: Tensor) -> Tensor:
        fields = h.unflatten(1, (-1, group.size))
        return fields.index_select(2, source.to(h.device)).flatten(1, 2)

    return Representation(f"functions on {group.name}", permute)


def _matrix(angle: float, mirrored: bool) -> Float[Tensor, "2 2"]:
    """The element on (u, v): first the mirror (u, -v), then the turn; float64."""
    turns = PlanarGroup(4, mirrored=True).matrices()
    return turns[_turns(angle) + (4 if mirrored else 0)]
