"""The equations of motion, stepped in time.

time_stepping           right-hand side, projection, dt -> step; knows no equation
staggered               the channel's cells, exact projection onto divergence-free flow
boussinesq              right-hand side of buoyant flow in finite volumes
convection              Rayleigh-Benard convection: states, steps, Nusselt numbers
convection_symmetries   what commutes with it
sampling                from a solver's cells to uniform ones
checkpoint              states that outlive a crash
"""

from symdyn_core.solvers.convection import Nusselt, RayleighBenard
from symdyn_core.solvers.convection_symmetries import StateSymmetry
from symdyn_core.solvers.sampling import UniformSampler
from symdyn_core.solvers.staggered import Channel
from symdyn_core.solvers.time_stepping import ssp_rk3

__all__ = [
    "Channel",
    "Nusselt",
    "RayleighBenard",
    "StateSymmetry",
    "UniformSampler",
    "ssp_rk3",
]
