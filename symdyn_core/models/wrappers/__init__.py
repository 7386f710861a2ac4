"""Wrappers: symmetries for any forecaster, from outside.

wrapper         what a wrapper is: a forecaster around a forecaster
canonicalized   forecast in a standard pose, in closed form or learned
in_mean_frame   the pose is the mean velocity: bare shifts, and with the drift Galilean boosts
in_units        the pose is the strength or the grid's velocity: magnitude, scaling
orientation     the pose among quarter turns and reflections
averaged        the mean over a finite group
drift, spacing  how far a velocity carries the flow on a grid
phase_drift     how far the flow drifts in its window
description     what specifications and model cards say about wrappers

They compose. InMeanFrame with drift, around InUnits, around a network of rotations (and scaling),
is equivariant to boosts, turns, shifts and scaling at once: the frame is a vector that turns and
grows with the flow, and the unit a number that neither a turn nor a boost changes. Magnitude is
among them where the grid is read anew, as in the equations; on one and the same grid with a
measured drift, or with bare shifts in the place of boosts.
"""

from symdyn_core.models.wrappers.averaged import Averaged, quarter_turns
from symdyn_core.models.wrappers.canonicalized import Canonicalized, Canonicalizer
from symdyn_core.models.wrappers.description import (
    WRAPPERS,
    MeanFrame,
    Oriented,
    QuarterTurnMean,
    Surroundings,
    Units,
    WrapperSpec,
)
from symdyn_core.models.wrappers.drift import DriftRate
from symdyn_core.models.wrappers.in_mean_frame import InMeanFrame, MeanVelocity
from symdyn_core.models.wrappers.in_units import GridUnit, InUnits, RootMeanSquare
from symdyn_core.models.wrappers.measured_drift import MeasuredDrift
from symdyn_core.models.wrappers.orientation import Orientation
from symdyn_core.models.wrappers.spacing import Spacing
from symdyn_core.models.wrappers.wrapper import Wrapper

__all__ = [
    "WRAPPERS",
    "Averaged",
    "Canonicalized",
    "Canonicalizer",
    "DriftRate",
    "GridUnit",
    "InMeanFrame",
    "InUnits",
    "MeanFrame",
    "MeanVelocity",
    "MeasuredDrift",
    "Orientation",
    "Oriented",
    "QuarterTurnMean",
    "RootMeanSquare",
    "Spacing",
    "Surroundings",
    "Units",
    "Wrapper",
    "WrapperSpec",
    "quarter_turns",
]
