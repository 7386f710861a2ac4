"""Pictures of labelled results, for notebooks and app alike; nothing else here draws.

``maps``    a field, speed with arrows, vorticity, forecasts side by side
``curves``  error growth, energy spectra, equivariance along a group
``style``   colours, labels and sizes

A comparison of forecasts, as the dashboard exports it, is drawn with matplotlib:
``forecast_pictures`` and ``forecast_curves``, and ``films`` of both.

An audit makes a page of its own, drawn with matplotlib: ``audit_page`` (the page), with
``audit_figures``, ``audit_methods`` (definitions), ``page_style`` and ``svg``.

Every function listed here returns a HoloViews object in the active backend
(``hv.extension("bokeh")``, or matplotlib if none was chosen). Colours can be told apart with any
colour vision, and curves without colours too.
"""

from symdyn_core.plots.curves import equivariance_curve, error_growth, spectra
from symdyn_core.plots.maps import compare, field, speed, speed_and_arrows, vorticity

__all__ = [
    "compare",
    "equivariance_curve",
    "error_growth",
    "field",
    "spectra",
    "speed",
    "speed_and_arrows",
    "vorticity",
]
