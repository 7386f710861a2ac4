"""The small figures of Explore, as ``canvas/chart.js`` draws them.

A figure is a dictionary: ``title`` and ``help``; ``at``, the places along x that all lines share;
``x`` and ``y``, axes with ``low``, ``high`` (of y may be None: as high as the lines), ``log``,
``label`` and ``ticks``; ``lines`` with their ``values``, None where there is none; ``grows`` where
lines are pale beyond the lead that is shown; ``legend`` "above" or "below"; a ``note`` in a corner.
"""

import math
from collections.abc import Iterable

from ..results import Results, Spectra
from .curves import FLOOR as FLOOR_GROWTH
from .curves import GROWTHS, columns
from .figures import COLOUR_A, COLOUR_B
from .spectrum import FLOOR as FLOOR_SPECTRUM
from .spectrum import SLOPES, energy_limits, guides, readable, round_wavenumbers

NOTHING = "too little of the field is known for a spectrum"


def growth_chart(results: Results, unit: str) -> dict:
    """Root mean square errors against lead, of both models, persistence and interpolation."""
    quantity, found = GROWTHS["rmse"], columns(results, "rmse")
    steps, last = results.comparison.scene.pace.moved, results.comparison.steps
    floor = _line("interpolation", found["floor"], "", 2, 0.8, dash="dotted", grows=False)
    return {
        "title": f"{quantity.title} [{unit}]" if 0 < len(unit) < 8 else quantity.title,
        "help": f"Dotted: {FLOOR_GROWTH}",
        "at": found["lead"],
        "x": {
            "name": "lead",
            "label": f"lead [{f'{steps} ' if steps > 1 else ''}frames]",
            "low": 0.6,
            "high": last + 0.4,
            "ticks": list(range(5, last + 1, 5)) if last > 10 else list(range(1, last + 1)),
        },
        "y": {"low": 0, "high": None},
        "lines": [
            _line("persistence", found["persistence"], "", 2.5, dash="dashed"),
            _line("A", found["a"], COLOUR_A, 2.5, marker="circle"),
            _line("B", found["b"], COLOUR_B, 2.5, marker="square"),
            floor,
        ],
        "grows": True,
        "legend": "above",
        "note": "",
    }


def spectrum_chart(spectra: Spectra | None, length_unit: str) -> dict:
    """Energy spectra of truth and forecasts at one lead, with slopes to compare."""
    chart = {
        "title": "Spectrum E(k)",
        "help": f"Kinetic energy by wavenumber. Dashed: {FLOOR_SPECTRUM}",
        "at": [],
        "x": {
            "name": "k",
            "label": "wavenumber k",
            "low": 1,
            "high": 100,
            "log": True,
            "ticks": [],
        },
        "y": {"low": 1e-8, "high": 1, "log": True},
        "lines": [],
        "grows": False,
        "legend": "below",
        "note": NOTHING,
    }
    if spectra is None:
        return chart
    k, unit = readable(spectra.k, length_unit)
    low, high = energy_limits(spectra) or (1e-8, 1.0)
    floor = [] if spectra.floor is None else spectra.floor.tolist()
    slopes = [
        _line("", line.tolist(), "", 1.3, 0.9, dash=dash, end=words)
        for line, (dash, words) in zip(guides(k, spectra.truth), SLOPES.values(), strict=True)
    ]
    return {
        **chart,
        "at": k.tolist(),
        "x": {
            **chart["x"],
            "label": f"wavenumber k{unit}",
            "low": 0.9 * float(k[0]),
            "high": 1.1 * float(k[-1]),
            "ticks": round_wavenumbers(k),
        },
        "y": {"low": low, "high": high, "log": True},
        "lines": [
            *slopes,
            _line("interpolation", floor, "", 2, 0.9, dash="dashed"),
            _line("truth", spectra.truth.tolist(), "", 5, 0.6),
            _line("A", spectra.a.tolist(), COLOUR_A, 2.2),
            _line("B", spectra.b.tolist(), COLOUR_B, 2.2),
        ],
        "note": spectra.words,
    }


def _line(
    label: str, values: Iterable[float], colour: str, width: float, alpha: float = 1.0, **more
) -> dict:
    """A line; without a colour it has that of quiet words."""
    known = [value if math.isfinite(value) else None for value in values]
    style = {"colour": colour, "width": width, "alpha": alpha}
    return {"label": label, "values": known, **style, **more}
