"""How far a forecaster is from equivariant, and where it loses a symmetry.

error             EE_g(f) = || f(g w) - g f(w) || / || g f(w) ||
time_rescaling    both sides of that where one step becomes a^2 steps
pace              how time runs in a rescaled flow
chain             several elements of several symmetries, one after the other
curves            EE along the parameter of each symmetry: the audit
samples           the windows of an audit, and which of them overlap
bootstrap         how sure a median over overlapping windows is
data_asymmetry    how far the flow itself is from each symmetry
representations   how hidden features of a layer may transform
features          what every module of a network puts out
fitted            the best representation that a layer could have
layers            EE layer by layer
generators        the infinitesimal actions of one-parameter groups
lie_derivative    d/de g_e^-1 f(g_e w) at e = 0, of a whole forecaster
layer_lie         the same for shifts, layer by layer
kernels           the filters of a network, and the constraint that they obey
"""

from symdyn_core.equivariance.chain import Chain, Link
from symdyn_core.equivariance.curves import AuditRow, audit
from symdyn_core.equivariance.error import (
    NothingToMeasure,
    Sides,
    comparable,
    equivariance_error,
    in_dtype,
    sides,
)

__all__ = [
    "AuditRow",
    "Chain",
    "Link",
    "NothingToMeasure",
    "Sides",
    "audit",
    "comparable",
    "equivariance_error",
    "in_dtype",
    "sides",
]
