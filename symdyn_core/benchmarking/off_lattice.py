"""How well a network turns between the quarter turns of its lattice.

The flows are sums of plane waves, so the turned flow is known in closed form, and the answers are
compared at the cell about which the flow is turned: nothing is interpolated. Every network is
freshly initialised and sees the same flows.
"""

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.benchmarking.peers import Peer, PeerLayer, quiet
from symdyn_core.layers import SteerableKit

ANGLE = math.pi / 4
"""Half way between two quarter turns."""

CORRELATIONS = 3
"""Layers between the lift and the projection of a chain: five in all."""

WAVES = 16


class PlaneWaves:
    """Random flows ``w(x) = sum_j a_j cos(k_j x + phase_j)``, and the same flows turned.

    Args:
        count: number of flows.
        shortest: smallest wavelength in cells; the longest is four times as long.
        past: frames, each of other amplitudes and phases.
        seed: of the random numbers.
    """

    def __init__(self, count: int, shortest: float | int = 8, past: int = 1, seed: int = 0):
        generator = torch.Generator().manual_seed(seed)

        def uniform(*shape: int) -> Tensor:
            return torch.rand(shape, generator=generator, dtype=torch.float64)

        number = 2 * math.pi / (shortest * (1 + 3 * uniform(count, WAVES)))
        direction = 2 * math.pi * uniform(count, WAVES)
        self.wavevector = torch.polar(number, direction)
        self.phase = 2 * math.pi * uniform(count, WAVES, past)
        shape = (count, WAVES, past, 2)
        self.amplitude = torch.randn(shape, generator=generator, dtype=torch.float64)

    def turned(self, angle: float | int, cells: int) -> Float[Tensor, "flow component y x"]:
        """``R w(R^-1 x)`` about the central cell of an odd number of cells along each side."""
        axis = torch.arange(cells, dtype=torch.float64) - (cells - 1) / 2
        place = torch.complex(axis[None, :], axis[:, None]) * torch.polar(
            torch.ones((), dtype=torch.float64), torch.tensor(-angle, dtype=torch.float64)
        )
        distance = torch.einsum("fj,yx->fjyx", self.wavevector.conj(), place).real
        wave = torch.cos(distance[:, :, None] + self.phase[..., None, None])
        w = torch.einsum("fjtc,fjtyx->ftcyx", self.amplitude, wave) / math.sqrt(WAVES)
        return turned_vectors(w, angle).flatten(1, 2)


def turned_vectors(
    w: Float[Tensor, "*lead 2 y x"], angle: float | int
) -> Float[Tensor, "*lead 2 y x"]:
    """Each vector turned where it stands."""
    u, v = w.unbind(-3)
    cosine, sine = math.cos(angle), math.sin(angle)
    return torch.stack((cosine * u - sine * v, sine * u + cosine * v), dim=-3)


def turning_error(
    network: nn.Module, flows: PlaneWaves, cells: int, angle: float | int = ANGLE
) -> float:
    """Relative RMS over flows of ``network(R w) - R network(w)`` at the centre of the turn.

    Args:
        network: (flow, 2 past, y, x) -> (flow, 2, y, x), in float64.
        cells: odd number along a side; the centre should not see the edge.
        angle: radians, counter-clockwise.
    """
    middle = slice(cells // 2, cells // 2 + 1)
    with torch.no_grad():
        rest, moved = network(flows.turned(0, cells)), network(flows.turned(angle, cells))
    expected = turned_vectors(rest[..., middle, middle], angle)
    return ((moved[..., middle, middle] - expected).norm() / expected.norm()).item()


def chain(kit: SteerableKit, width: int, seed: int) -> nn.Module:
    """Vector -> functions on the group, three times -> vector, by the modules of a kit."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        middle = (kit.convolve(width, width) for _ in range(CORRELATIONS))
        return nn.Sequential(kit.lift(1, width), *middle, kit.project(width, False)).double()


def peer_chain(peer: Peer, kit: SteerableKit, width: int, seed: int) -> nn.Module:
    """The same of another library's layers, with our activation."""
    vectors, functions = peer.vectors(kit.group), peer.functions(kit.group, width)
    types = [vectors, *(CORRELATIONS + 1) * [functions], vectors]
    layers: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(seed)
        for source, target in pairwise(types):
            kind = PeerLayer if target is functions else Unlabelled
            label = partial(peer.layers.GeometricTensor, type=source)
            layers.append(kind(peer.convolution(source, target, kit.kernel_size), label))
    return NorthUp(nn.Sequential(*layers)).double()


class Unlabelled(PeerLayer):
    """A convolution of another library alone: plain tensors in and out."""

    def forward(self, h: Tensor) -> Tensor:
        return self.convolution(self.label(h)).tensor


class NorthUp(nn.Module):
    """A network whose rows run southwards, for fields whose rows run northwards."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, w: Float[Tensor, "flow channel y x"]) -> Float[Tensor, "flow 2 y x"]:
        return self.network(w.flip(-2)).flip(-2)


def chain_cells(kit: SteerableKit) -> int:
    """Cells along a side with which the centre of a chain sees no edge, odd."""
    return 2 * (kit.lift_reach + CORRELATIONS * kit.reach + kit.kernel_size // 2) + 1


def mean_turning_error(
    build: Callable[[int], nn.Module], flows: PlaneWaves, cells: int, seeds: int = 4
) -> float:
    """Mean ``turning_error`` of networks ``build(seed)``."""
    return sum(turning_error(build(seed), flows, cells) for seed in range(seeds)) / seeds
