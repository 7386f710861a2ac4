"""The equations of motion, stepped in time.

time_stepping           right-hand side, projection or decay, dt -> step; knows no equation
workspace               memory that steps use again
graphed_steps           steps on a GPU, recorded and replayed
held_symmetries         which groups commute with a solver
heat                    diffusion, solved exactly
heat_solutions          waves and spots that it spreads, in closed form

In periodic boxes, on Fourier coefficients:

fourier                 truncated series, free of aliasing
random_flow             random eddies to start from
complex_velocity        plane flow as one complex field: a transform each way
periodic_flow           what the two flows below share: states, size of steps
navier_stokes           two-dimensional flow, decaying or under Kolmogorov's force
ocean_column            layers, rotation and current of an ocean
quasi_geostrophic       its eddies

Between plates, in finite volumes:

staggered               the channel's cells, exact projection onto divergence-free flow
row_bands               its rows with their factors, in pieces that a cache holds
boussinesq              right-hand side of buoyant flow in finite volumes
convection              Rayleigh-Benard convection: states, steps, Nusselt numbers
convection_symmetries   what commutes with it
sampling                from a solver's cells to uniform ones

Long runs:

checkpoint              states that outlive a crash
recording               frames at equal intervals, of a run that goes on where it was stopped
"""

from symdyn_core.solvers.convection import Nusselt, RayleighBenard
from symdyn_core.solvers.convection_symmetries import StateSymmetry
from symdyn_core.solvers.fourier import FourierSeries
from symdyn_core.solvers.heat import HeatDiffusion
from symdyn_core.solvers.held_symmetries import HeldSymmetry
from symdyn_core.solvers.navier_stokes import NavierStokes
from symdyn_core.solvers.ocean_column import OceanColumn
from symdyn_core.solvers.quasi_geostrophic import QuasiGeostrophic
from symdyn_core.solvers.random_flow import random_flow
from symdyn_core.solvers.sampling import FaceSampler, UniformSampler
from symdyn_core.solvers.staggered import Channel
from symdyn_core.solvers.time_stepping import lawson_rk4, ssp_rk3

__all__ = [
    "Channel",
    "FaceSampler",
    "FourierSeries",
    "HeatDiffusion",
    "HeldSymmetry",
    "NavierStokes",
    "Nusselt",
    "OceanColumn",
    "QuasiGeostrophic",
    "RayleighBenard",
    "StateSymmetry",
    "UniformSampler",
    "lawson_rk4",
    "random_flow",
    "ssp_rk3",
]
