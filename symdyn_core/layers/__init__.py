"""Building blocks of forecasters, one file for each kit.

kit             what a kit is: lift, residual, coarsen, refine, join, project
plain           ordinary convolutions, the control
uniform_motion  the frame of the local mean velocity (paper)
magnitude       units of the local magnitude (paper)
steerable       the rotation group C_n (paper: C_8)
convolution, padding, initialisation, circular_harmonics    what they share
"""

from symdyn_core.layers.kit import LayerKit
from symdyn_core.layers.magnitude import MagnitudeKit
from symdyn_core.layers.plain import PlainKit
from symdyn_core.layers.steerable import SteerableKit
from symdyn_core.layers.uniform_motion import UniformMotionKit

KITS: tuple[type[LayerKit], ...] = (PlainKit, UniformMotionKit, MagnitudeKit, SteerableKit)
"""Every kit; the tests cross them with every architecture."""

__all__ = [
    "KITS",
    "LayerKit",
    "MagnitudeKit",
    "PlainKit",
    "SteerableKit",
    "UniformMotionKit",
]
