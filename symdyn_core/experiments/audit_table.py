"""Audits of several models as one labelled table, to be drawn or averaged."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from symdyn_core.equivariance import AuditRow
from symdyn_core.grid import Element
from symdyn_core.symmetries import Symmetry

LABELS = {
    "error_median": "median equivariance error",
    "error_max": "largest equivariance error",
    "error_mean": "mean equivariance error",
}
"""Name -> long name; none of them has a unit."""


def audit_table(audits: Mapping[str, Sequence[AuditRow]], symmetry: Symmetry) -> xr.Dataset:
    """Equivariance errors of models along the first parameter of a symmetry.

    Args:
        audits: rows of ``equivariance.audit`` by model; those of other symmetries are left out.
        symmetry: which one.

    Returns:
        ``error_median``, ``error_max`` and ``error_mean`` with the axes ``model`` and ``element``;
        NaN where a model could not be measured.

    Raises:
        ValueError: no row of that symmetry.
    """
    places = {
        name: {first_number(row.element): row for row in rows if row.symmetry == symmetry.name}
        for name, rows in audits.items()
    }
    elements = sorted({place for rows in places.values() for place in rows})
    if not elements:
        raise ValueError(
            f"Expected audits of the symmetry {symmetry.name}, got none. Audit the models with it."
        )
    table = xr.Dataset(attrs={"symmetry": symmetry.title, "action": symmetry.action})
    for name, long_name in LABELS.items():
        values = [
            [getattr(rows[place], name) if place in rows else np.nan for place in elements]
            for rows in places.values()
        ]
        table[name] = (("model", "element"), values, {"long_name": long_name, "units": "1"})
    parameter = symmetry.parameters[0]
    axis = {"long_name": parameter.label, "units": parameter.unit}
    return table.assign_coords(model=list(places), element=("element", elements, axis))


def first_number(element: Element) -> float:
    """The parameter along which the elements of an audit are spread."""
    return element[0] if isinstance(element, tuple) else element
