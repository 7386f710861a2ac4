"""The filters of a network, and how far they obey the constraint that makes a layer equivariant.

A convolution with the kernel K commutes with an orthogonal g of the plane if and only if

    K(g x) = rho_out(g) K(x) rho_in(g)^-1   for every x,

rho being how the channels of its input and output transform (Weiler & Cesa 2019, theorem 1).

field_types   how channels transform: rho, at any angle
filters       the convolutions of a network with what is known of them
turned        kernels at turned, mirrored and dilated places
constraint    both sides of the constraint, and what is between them
framed        layers that see a neighbourhood from its own mean or in units of its own strength
"""

from symdyn_core.equivariance.kernels.constraint import Halves, dilated, halves, wave_residual
from symdyn_core.equivariance.kernels.field_types import FieldType
from symdyn_core.equivariance.kernels.filters import FilterLayer, filters
from symdyn_core.equivariance.kernels.framed import Framed, framed

__all__ = [
    "FieldType",
    "FilterLayer",
    "Framed",
    "Halves",
    "dilated",
    "filters",
    "framed",
    "halves",
    "wave_residual",
]
