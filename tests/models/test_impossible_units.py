"""Units and drifts that cannot be are refused; windows without samples are not."""

import math

import pytest
import torch

from symdyn_core.models.wrappers import InUnits
from symdyn_core.models.wrappers.description import Units
from symdyn_core.models.wrappers.measured_drift import MeasuredDrift


class Still(torch.nn.Module):
    """The last frame stays."""

    past, components = 2, 2

    def forward(self, window):
        return window[:, -1]


@pytest.mark.parametrize("viscosity", [math.nan, math.inf, 0.0, -1.0])
def test_a_viscosity_in_a_card_is_a_positive_number(viscosity):
    with pytest.raises(ValueError, match="A viscosity is a positive number"):
        Units("grid", viscosity=viscosity)
    assert Units("grid", viscosity=0.5).viscosity == 0.5


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
def test_data_have_a_scale(scale):
    with pytest.raises(ValueError, match="scale of data is a positive number"):
        InUnits(Still(), scale=scale)


@pytest.mark.parametrize("steps", [0, -1])
def test_a_drift_is_measured_between_different_frames(steps):
    with pytest.raises(ValueError, match="whole number of steps apart"):
        MeasuredDrift(steps=steps)
    assert MeasuredDrift(steps=2).at_scale(0.5).steps == 1
    assert MeasuredDrift(steps=2).at_scale(2.0).steps == 8


@pytest.mark.parametrize("periodic", [(True, True), (False, False)])
def test_no_samples_have_no_drift(periodic):
    window = torch.zeros(0, 3, 2, 8, 8)
    assert MeasuredDrift(periodic).displacement(window, torch.zeros(0, 2)).shape == (0, 2)
