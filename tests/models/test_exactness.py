"""Every architecture over every kit is exactly equivariant to its group, and no other kit is.

Float64, random weights, biases included: a network without biases is equivariant to magnitude by
accident and would be no control.
"""

import pytest
import torch

from symdyn_core.equivariance import equivariance_error
from symdyn_core.grid import Grid
from symdyn_core.layers import (
    KITS,
    DihedralKit,
    MagnitudeKit,
    PlainKit,
    ScaledKit,
    SteerableKit,
    UniformMotionKit,
)
from symdyn_core.models import ARCHITECTURES, ForecasterSpec
from symdyn_core.symmetries import Magnitude, Reflection, Rotation, Translation, UniformMotion
from tests.biases import with_random_biases

OPEN = Grid(16, 16)
PERIODIC = Grid(16, 16, periodic_x=True, periodic_y=True)
EXACT, BROKEN = 1e-10, 1e-3

MATCHING = [
    (UniformMotionKit, UniformMotion(), (1.7, -0.6)),
    (UniformMotionKit, UniformMotion(), (-300.0, 20.0)),
    (MagnitudeKit, Magnitude(), 3.7),
    (MagnitudeKit, Magnitude(), 1e-30),
    (SteerableKit, Rotation(), 90.0),
    (SteerableKit, Rotation(), 180.0),
    (SteerableKit, Rotation(), 270.0),
    *(
        (DihedralKit, Reflection(), (90.0 * turn, mirror))
        for turn in range(4)
        for mirror in (0.0, 1.0)
    ),
]
MATCHING.remove((DihedralKit, Reflection(), (0.0, 0.0)))  # nothing happens


def random_forecaster(architecture, kit, predicts="increment", past=4):
    """Random weights with biases that matter."""
    width = 4 if isinstance(kit, PlainKit) else 2
    spec = ForecasterSpec(architecture, kit, past, width, (1, 2), predicts, scale=0.7)
    gain = 1.5 if predicts == "increment" else 1.0
    return with_random_biases(spec.build(seed=3).double(), gain)


def random_window(past=4, batch=2):
    generator = torch.Generator().manual_seed(5)
    return torch.randn(batch, past, 2, 16, 16, generator=generator, dtype=torch.float64)


def error(forecaster, symmetry, element, grid=OPEN):
    errors, _ = equivariance_error(forecaster, symmetry, element, random_window(), grid)
    return errors.max().item()


@pytest.mark.parametrize("predicts", ["increment", "velocity"])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
@pytest.mark.parametrize("kit, symmetry, element", MATCHING)
def test_matching_kit_is_exact_and_plain_is_not(architecture, kit, symmetry, element, predicts):
    assert error(random_forecaster(architecture, kit(), predicts), symmetry, element) < EXACT
    assert error(random_forecaster(architecture, PlainKit(), predicts), symmetry, element) > BROKEN


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
@pytest.mark.parametrize("kit", KITS)
def test_cyclic_shifts_are_exact_on_periodic_grids_only(architecture, kit):
    shift = (4.0, -6.0)
    periodic = random_forecaster(architecture, kit(periodic=(True, True)))
    assert error(periodic, Translation(), shift, PERIODIC) < EXACT
    replicating = random_forecaster(architecture, kit())
    assert error(replicating, Translation(), shift, PERIODIC) > BROKEN


@pytest.mark.parametrize("order", [4, 8, 12])
@pytest.mark.parametrize("kernel_size", [3, 5])
def test_any_multiple_of_four_turns_is_exact(order, kernel_size):
    kit = SteerableKit(order=order, kernel_size=kernel_size)
    for architecture in ARCHITECTURES:
        assert error(random_forecaster(architecture, kit), Rotation(), 90.0) < EXACT
    # Control: C_6 holds no quarter turn.
    odd = SteerableKit(order=6, kernel_size=kernel_size)
    assert error(random_forecaster(ARCHITECTURES[0], odd), Rotation(), 90.0) > BROKEN


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
def test_dilatable_kernels_turn_and_mirror_exactly_too(architecture):
    kit = ScaledKit(kernel_size=5, order=8, mirrored=True)
    for element in ((90.0, 0.0), (0.0, 1.0), (270.0, 1.0)):
        assert error(random_forecaster(architecture, kit), Reflection(), element) < EXACT
    assert error(random_forecaster(architecture, ScaledKit()), Reflection(), (90.0, 0.0)) > BROKEN


def test_rotations_alone_are_not_reflections():
    forecaster = random_forecaster(ARCHITECTURES[0], SteerableKit())
    assert error(forecaster, Reflection(), (90.0, 0.0)) < EXACT
    assert error(forecaster, Reflection(), (0.0, 1.0)) > BROKEN


def test_one_scale_magnitude_kit_has_no_more_symmetry_than_the_flow():
    """A range for each component (the paper) also commutes with (u, v) -> (a u, b v)."""
    window = random_window()
    stretch = torch.tensor([3.0, 0.5], dtype=torch.float64)[:, None, None]

    def asymmetry(scale):
        forecaster = random_forecaster(ARCHITECTURES[0], MagnitudeKit(scale=scale))
        with torch.no_grad():
            first, second = forecaster(stretch * window), stretch * forecaster(window)
        return ((first - second).norm() / second.norm()).item()

    assert asymmetry("component") < EXACT
    assert asymmetry("one") > BROKEN


def test_magnitude_kits_map_no_flow_to_no_flow():
    for scale in ("one", "component"):
        for architecture in ARCHITECTURES:
            forecaster = random_forecaster(architecture, MagnitudeKit(scale=scale))
            assert not forecaster(torch.zeros_like(random_window())).any()
    assert random_forecaster(ARCHITECTURES[0], PlainKit())(torch.zeros_like(random_window())).any()


def test_float32_stays_within_its_rounding():
    for kit, symmetry, element in MATCHING:
        if element == (-300.0, 20.0):
            continue  # a shift 300 times the flow leaves float32 two digits of it
        forecaster = random_forecaster(ARCHITECTURES[0], kit()).float()
        errors, _ = equivariance_error(forecaster, symmetry, element, random_window().float(), OPEN)
        assert errors.max().item() < 1e-5
