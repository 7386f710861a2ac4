"""Building blocks of forecasters, one file for each kit.

kit             what a kit is: lift, residual, coarsen, refine, join, project
plain           ordinary convolutions, the control
uniform_motion  the frame of the local mean velocity (paper)
magnitude       units of the local magnitude; component_magnitude, of each component's (paper)
rotation        turns C_n (paper: C_8), and turns with mirrors D_n
scaling         dilations, alone or with turns and mirrors; levels, blur
steerable       the maps of the last two; planar_groups, kernel_basis, lattice_harmonics,
                compact_harmonics are their groups and kernels
activation      band-limited, for turns between the quarter turns
convolution, resolution, padding, initialisation    what all share
"""

from symdyn_core.layers.kit import LayerKit
from symdyn_core.layers.magnitude import MagnitudeKit
from symdyn_core.layers.plain import PlainKit
from symdyn_core.layers.rotation import DihedralKit, SteerableKit
from symdyn_core.layers.scaling import ScaledKit
from symdyn_core.layers.uniform_motion import UniformMotionKit

KITS: tuple[type[LayerKit], ...] = (
    PlainKit,
    UniformMotionKit,
    MagnitudeKit,
    SteerableKit,
    DihedralKit,
    ScaledKit,
)
"""Every kit; the tests cross them with every architecture."""

__all__ = [
    "KITS",
    "DihedralKit",
    "LayerKit",
    "MagnitudeKit",
    "PlainKit",
    "ScaledKit",
    "SteerableKit",
    "UniformMotionKit",
]
