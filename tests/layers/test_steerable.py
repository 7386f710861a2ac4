"""Steerable maps intertwine the representations of C_n and D_n; their kernels are what they say."""

import math

import pytest
import torch

from symdyn_core.layers import DihedralKit, SteerableKit
from symdyn_core.layers.compact_harmonics import CompactBasis
from symdyn_core.layers.lattice_harmonics import LatticeBasis
from symdyn_core.layers.planar_groups import PlanarGroup
from symdyn_core.layers.steerable import GroupCorrelation, Lift, Projection
from tests.layers.fields import random_field, with_bias

OPTIONS = {"periodic": (False, False), "gain": 1.0}
GROUPS = [PlanarGroup(4), PlanarGroup(8), PlanarGroup(4, True), PlanarGroup(8, True)]
BASES = [LatticeBasis(3), LatticeBasis(5), CompactBasis(5), CompactBasis(7, degree=3)]


@pytest.mark.parametrize("group", [*GROUPS, PlanarGroup(3), PlanarGroup(5, True)], ids=str)
def test_numbers_of_elements_follow_their_matrices(group):
    matrices, relative = group.matrices(), group.relative()
    products = torch.einsum("gdc,hde->ghce", matrices, matrices)  # g^-1 h
    assert torch.allclose(products, matrices[relative], atol=1e-14)
    assert torch.equal(matrices[0], torch.eye(2, dtype=torch.float64))
    assert len({tuple(row) for row in matrices.flatten(1).mul(1e9).round().tolist()}) == group.size
    determinants = torch.linalg.det(matrices)
    assert (determinants[: group.order] > 0).all() and (determinants[group.order :] < 0).all()


def moved(fields, group, element):
    """Pixels of a field acted on by a lattice element of the group: h(x) -> h(g^-1 x)."""
    quarter = (element % group.order) * 4 // group.order
    if element >= group.order:
        fields = fields.flip(-2)
    # Counter-clockwise with rows northwards is a turn of -1 by index.
    return torch.rot90(fields, -quarter, (-2, -1))


def act_on_vectors(w, group, element):
    vectors = torch.einsum(
        "cd,bpdyx->bpcyx", group.matrices()[element], w.unflatten(1, (-1, 2))
    ).flatten(1, 2)
    return moved(vectors, group, element)


def act_on_functions(h, group, element):
    """h_a(x) -> h_{g^-1 a}(g^-1 x)."""
    fields = h.unflatten(1, (-1, group.size))[:, :, group.relative()[element]].flatten(1, 2)
    return moved(fields, group, element)


def lattice_elements(group):
    quarters = [turn * group.order // 4 for turn in range(4)]
    mirrors = [group.order + turn for turn in quarters] if group.mirrored else []
    return [*quarters[1:], *mirrors]


@pytest.mark.parametrize("group", GROUPS, ids=str)
@pytest.mark.parametrize("basis", BASES, ids=str)
def test_steerable_maps_intertwine_the_representations(group, basis):
    torch.manual_seed(0)
    lift = with_bias(Lift(group, basis, 3, 2, **OPTIONS))
    correlation = with_bias(GroupCorrelation(group, basis, 2, 3, **OPTIONS))
    projection = Projection(group, basis, 3, **OPTIONS).double()
    w = random_field(6)
    h = lift(w)
    g = correlation(h)
    for element in lattice_elements(group):
        assert torch.allclose(
            lift(act_on_vectors(w, group, element)), act_on_functions(h, group, element)
        )
        turned = act_on_functions(h, group, element)
        assert torch.allclose(correlation(turned), act_on_functions(g, group, element))
        turned = act_on_functions(g, group, element)
        assert torch.allclose(
            projection(turned), act_on_vectors(projection(g), group, element), atol=1e-12
        )
    # Control: another element is seen.
    one, other = lattice_elements(group)[:2]
    assert not torch.allclose(
        lift(act_on_vectors(w, group, one)), act_on_functions(h, group, other), atol=1e-2
    )


@pytest.mark.parametrize("basis", [*BASES, LatticeBasis(7)], ids=str)
def test_turned_basis_is_the_basis_turned(basis):
    group = PlanarGroup(8, mirrored=True)
    table = basis.table(group)
    assert table.shape[1] == basis.size
    assert torch.allclose(table[2], torch.rot90(table[0], -1, (-2, -1)), atol=1e-14)
    assert torch.allclose(table[8], table[0].flip(-2), atol=1e-14)
    assert not torch.allclose(table[2], torch.rot90(table[0], 1, (-2, -1)), atol=1e-2)
    # The functions are independent: no coefficient is spent twice.
    assert torch.linalg.matrix_rank(table[0].flatten(1)) == basis.size


@pytest.mark.parametrize("basis", BASES, ids=str)
def test_functions_of_one_frequency_are_orthonormal(basis):
    functions = basis.table(PlanarGroup(1))[0].flatten(1)
    gram = functions @ functions.T
    start = 0
    for m in sorted({m for m, _ in basis.harmonics()}):
        count = sum(other == m for other, _ in basis.harmonics()) * (1 if m == 0 else 2)
        block = gram[start : start + count, start : start + count]
        # Cosine and sine of m = 2 are the axes and the diagonals: the lattice tells them apart.
        assert block.trace() == pytest.approx(count, rel=1e-9)
        if m == 0:
            assert torch.allclose(block, torch.eye(count, dtype=torch.float64), atol=1e-12)
        start += count


@pytest.mark.parametrize("factor", [math.sqrt(2), math.sqrt(3), 2.0])
def test_dilated_kernels_are_the_same_functions_seen_from_farther_away(factor):
    """The response to a wave w(x) at the scale a equals the response to w(a x) at rest."""
    basis, group = CompactBasis(7), PlanarGroup(8)
    axis = torch.arange(-12, 13, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")

    def response(scale, wavenumber):
        table = basis.table(group, scale)
        half = table.shape[-1] // 2
        wave = torch.cos(wavenumber * (0.8 * x + 0.6 * y) + 0.3)
        middle = wave[12 - half : 13 + half, 12 - half : 13 + half]
        return torch.einsum("giyx,yx->gi", table, middle)

    rest = response(1.0, 0.4 * factor)
    error = (response(factor, 0.4) - rest).norm() / rest.norm()
    assert error < 0.01
    # Control: not dilated, it is another response.
    assert (response(1.0, 0.4) - rest).norm() / rest.norm() > 0.1


def test_harmonics_of_the_lattice_cannot_be_dilated():
    with pytest.raises(ValueError, match="scaling kit"):
        LatticeBasis(3).radius(2.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SteerableKit(kernel_size=4), "odd number of cells"),
        (lambda: SteerableKit(order=0), "order >= 1"),
        (lambda: DihedralKit(order=-2), "order >= 1"),
        (lambda: CompactBasis(1), "odd kernel size >= 3"),
        (lambda: CompactBasis(5, degree=-1), "degree >= 0"),
    ],
)
def test_impossible_sizes_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_expanded_kernels_vary_smoothly_with_the_angle():
    """Frequencies stay below the ring's Nyquist: kernels of neighbouring turns are alike."""
    torch.manual_seed(0)
    kernel = Lift(PlanarGroup(32), LatticeBasis(5), 1, 1, **OPTIONS).double().kernel()
    steps = (kernel - kernel.roll(1, 0)).flatten(1).norm(dim=1) / kernel.flatten(1).norm(dim=1)
    # The steepest harmonic, m = 4 plus the vector's own 1, turns by 5 (2 pi / 32) a step; on a
    # square lattice the norms of turned kernels differ a little.
    assert steps.max() < 1.1 * 2 * math.sin(5 * math.pi / 32)


@pytest.mark.parametrize("kit", [SteerableKit(), DihedralKit(), SteerableKit(kernel_size=5)])
def test_a_smooth_flow_keeps_its_size_through_a_layer(kit):
    """Smooth input adds up over a kernel: coefficients are scaled for it, not for white noise."""
    torch.manual_seed(0)
    uniform = torch.ones(1, kit.channels(32), 8, 8)
    layer = kit.convolve(32, 32).convolution
    assert 0.5 < (layer(uniform).std() / 2**0.5).item() < 1.5


def test_casting_a_steerable_layer_up_is_as_exact_as_building_it_there():
    group, basis = PlanarGroup(8), LatticeBasis(3)
    layer = Lift(group, basis, 1, 1, **OPTIONS).float().double()
    assert torch.equal(layer.table, basis.table(group))
    assert layer.bfloat16().double().table.dtype == torch.float64
    assert not any("table" in name for name in layer.state_dict())
