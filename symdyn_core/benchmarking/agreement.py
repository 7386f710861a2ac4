"""Our steerable kernels in the space that another library spans.

Theirs holds every kernel with K(g x) = rho_out(g) K(x) rho_in(g)^-1 whose radial profile is a sum
of rings and whose angular frequencies are bounded. With a ring at every distance of the lattice a
profile is free, and each kernel of ours must be a sum of kernels of theirs, up to rounding; ours
are fewer, for we leave out those that the lattice turns badly. Before they are compared, theirs
are brought into our convention: rows run along increasing y (theirs along decreasing y), and the
functions on the group are listed in the order of our elements.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.benchmarking.peers import Peer, quiet
from symdyn_core.layers import DihedralKit, SteerableKit
from symdyn_core.layers.convolution import Convolution
from symdyn_core.layers.lattice_harmonics import LatticeBasis
from symdyn_core.layers.planar_groups import PlanarGroup

RING_WIDTH = 0.3
"""Standard deviation of the peer's rings [cells]: narrow enough to tell distances apart."""

MAPS = ("vector -> function", "function -> function", "function -> vector")

Kernels = Float[Tensor, "kernel out in ky kx"]


def disagreement(peer: Peer, group: PlanarGroup, kernel_size: int, kind: str) -> dict[str, float]:
    """How far our kernels and a peer's are from each other's space, and from the symmetry.

    Args:
        peer: another library.
        group: C_n or D_n.
        kernel_size: odd number of cells.
        kind: one of MAPS.

    Returns:
        ``ours_outside_theirs``: largest share of a kernel of ours that is no sum of kernels of
        theirs; ``constraint``: largest violation
        by our kernels of the constraint written in the peer's representations, at the elements
        that map the lattice to itself; ``dimension``, ``peer_dimension``: of the spaces.
    """
    mine, theirs = (
        our_kernels(group, kernel_size, kind),
        peer_kernels(peer, group, kernel_size, kind),
    )
    return {
        "ours_outside_theirs": outside(mine, theirs),
        "constraint": constraint(peer, group, kind, mine),
        "dimension": _dimension(mine),
        "peer_dimension": _dimension(theirs),
    }


def our_kernels(group: PlanarGroup, kernel_size: int, kind: str) -> Kernels:
    """The expanded kernel of every coefficient of ours, for one field; float64."""
    kit = (DihedralKit if group.mirrored else SteerableKit)(
        kernel_size=kernel_size, order=group.order
    )
    built = {
        "vector -> function": lambda: kit.lift(1, 1),
        "function -> function": lambda: kit.convolve(1, 1),
        "function -> vector": lambda: kit.project(1, increment=False),
    }[kind]()
    layer = next(m for m in built.modules() if isinstance(m, Convolution)).double()
    weight = next(p for name, p in layer.named_parameters() if name == "weight")
    kernels = []
    with torch.no_grad():
        for unit in torch.eye(weight.numel(), dtype=torch.float64):
            weight.copy_(unit.view(weight.shape))
            kernels.append(layer.kernel().clone())
    return torch.stack(kernels)


def peer_kernels(peer: Peer, group: PlanarGroup, kernel_size: int, kind: str) -> Kernels:
    """The same of a peer with a ring at every distance of the lattice, in our convention."""
    source, target = _types(peer, group, kind)
    half = kernel_size // 2
    # A map from or to vectors shifts frequencies by one.
    highest = LatticeBasis(kernel_size).harmonics()[-1][0] + 1
    layer = peer.convolution(
        source,
        target,
        kernel_size,
        bias=False,
        initialize=False,
        rings=sorted({math.hypot(y, x) for y in range(half + 1) for x in range(half + 1)}),
        sigma=RING_WIDTH,
        frequencies_cutoff=lambda r: highest if r > 0 else 0,
    )
    expand = layer.get_submodule("_basisexpansion")
    with torch.no_grad(), quiet():
        units = torch.eye(next(layer.parameters()).numel())
        kernels = torch.stack([expand(unit).double() for unit in units])
    side = 2 * half + 1
    kernels = kernels.view(*kernels.shape[:3], side, side).flip(3)
    order = _our_order(peer, group)
    if kind.endswith("function"):
        kernels = kernels[:, order]
    if kind.startswith("function"):
        kernels = kernels[:, :, order]
    return kernels


def _types(peer: Peer, group: PlanarGroup, kind: str):
    vector, function = peer.vectors(group), peer.functions(group, 1)
    return {
        "vector -> function": (vector, function),
        "function -> function": (function, function),
        "function -> vector": (function, vector),
    }[kind]


def _our_order(peer: Peer, group: PlanarGroup) -> Tensor:
    """Number of the peer's element that is each of ours: they act on vectors alike."""
    theirs = torch.stack([_vector_action(peer, group, g) for g in _elements(peer, group)])
    distance = (theirs[None] - group.matrices()[:, None]).abs().amax(dim=(2, 3))
    return distance.argmin(dim=1)


def _elements(peer: Peer, group: PlanarGroup) -> list:
    return list(peer.space(group).fibergroup.elements)


def _vector_action(peer: Peer, group: PlanarGroup, element) -> Tensor:
    return _action(peer.vectors(group), element)


def _action(kind_of, element) -> Tensor:
    """The matrix of an element in one of the peer's representations."""
    with quiet():
        return torch.as_tensor(kind_of.representation(element), dtype=torch.float64)


def outside(kernels: Kernels, space: Float[Tensor, "spanning out in ky kx"]) -> float:
    """Largest share of one of ``kernels`` that is orthogonal to all of ``space``."""
    vectors, spanning = kernels.flatten(1).T, space.flatten(1).T
    basis, values, _ = torch.linalg.svd(spanning, full_matrices=False)
    basis = basis[:, values > 1e-6 * values[0]]
    rest = vectors - basis @ (basis.T @ vectors)
    return (rest.norm(dim=0) / vectors.norm(dim=0)).max().item()


def _dimension(kernels: Kernels) -> int:
    values = torch.linalg.svdvals(kernels.flatten(1))
    return int((values > 1e-6 * values[0]).sum())


def constraint(peer: Peer, group: PlanarGroup, kind: str, kernels: Kernels) -> float:
    """Largest ``|K(g x) - rho_out(g) K(x) rho_in(g)^-1| / |K|`` over lattice elements g.

    The representations are the peer's own matrices, listed in the order of our elements.
    """
    source, target = _types(peer, group, kind)
    order = _our_order(peer, group)
    places = {"function": order, "vector": torch.arange(2)}
    names = kind.split(" -> ")
    worst = 0.0
    for element in _elements(peer, group):
        action = _vector_action(peer, group, element)
        if (action - action.round()).abs().max() > 1e-9:
            continue
        before, after = (
            _action(kind_of, element)[place][:, place]
            for kind_of, place in ((source, places[names[0]]), (target, places[names[1]]))
        )
        expected = torch.einsum("po,koiyx,qi->kpqyx", after, kernels, before)
        miss = (moved(kernels, action.round().long()) - expected).flatten(1).norm(dim=1)
        worst = max(worst, (miss / kernels.flatten(1).norm(dim=1)).max().item())
    return worst


def moved(kernels: Kernels, matrix: Tensor) -> Kernels:
    """``K(g x)`` on the lattice, for an orthogonal matrix g of whole numbers on (x, y)."""
    half = kernels.shape[-1] // 2
    axis = torch.arange(-half, half + 1)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    column, line = torch.einsum("cd,dyx->cyx", matrix, torch.stack((x, y))) + half
    return kernels[..., line, column]
