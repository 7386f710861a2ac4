"""Equivariance error along the parameter of a symmetry: as a line, and for angles around a dial.

Three figures share the same data sources, one for each kind of axis: the page shows one of them.
"""

from collections.abc import Callable
from functools import partial

from bokeh.models import ColumnDataSource, HoverTool, Range1d, TapTool

from symdyn_core.grid import Element
from symdyn_core.symmetries import Symmetry

from ..audits import Curve
from ..elements import as_tuple
from ..wording import percent
from .audit_dial import LARGEST, SMALLEST, dial, on_the_dial
from .figures import COLOUR_TRUTH, COLOURS, bare_figure

DIAL, EVEN, RATIO = "dial", "even", "ratio"
"""Kinds of figures: angles around a circle, an axis in equal steps, an axis of factors."""

FACTORS = ("magnitude", "scaling")
"""Symmetries whose elements multiply: equal ratios belong at equal distances."""

ROWS = [
    ("model", "@title"),
    ("element", "@element"),
    ("error", "@error (median)"),
    ("95 % interval", "@interval"),
    ("compared cells", "@share"),
    ("interpolation alone", "@floor"),
    ("click", "opens the worst window in Explore"),
]

Open = Callable[[str, Element, tuple[int, int] | None], None]
"""What a click on a point does: (model, element, (member, now) of its worst window)."""


class AuditCurves:
    """One curve for each model, and the grey floor of interpolation.

    Attributes:
        figures: by kind; made once.
        sources: one for each model that there is room for.
        floor: the error that interpolation alone makes.
        words: renderers of texts within the figures.
    """

    def __init__(self, open_sample: Open):
        self.open_sample = open_sample
        self.sources = [ColumnDataSource(_columns(Curve(), "")) for _ in COLOURS]
        self.floor = ColumnDataSource(_floor_columns(Curve()))
        self._shown: list[tuple[str, Curve]] = []
        planes = {EVEN: _plane("linear"), RATIO: _plane("log")}
        dial_figure, self.words = dial()
        self.figures = {DIAL: dial_figure, **planes}
        for kind, made in self.figures.items():
            self._draw(made, *(("x", "y") if kind == DIAL else ("place", "height")))
        for slot, source in enumerate(self.sources):
            source.selected.on_change("indices", partial(self._clicked, slot))

    def _draw(self, made, x: str, y: str) -> None:
        made.line(
            x, y, source=self.floor, color=COLOUR_TRUTH, line_width=2, line_dash="dashed"
        )  # fmt: skip
        dots = []
        for source, colour in zip(self.sources, COLOURS, strict=True):
            made.line(x, y, source=source, color=colour, line_width=2.2)
            dots.append(
                made.scatter(x, y, source=source, size=9, color=colour, nonselection_alpha=1.0)
            )
        made.add_tools(HoverTool(renderers=dots, tooltips=ROWS), TapTool(renderers=dots))

    def name_axis(self, symmetry: Symmetry) -> None:
        """Say what runs along the axis."""
        parameter = symmetry.parameters[0]
        unit = "" if parameter.unit == "1" else f" [{parameter.unit}]"
        for kind in (EVEN, RATIO):
            self.figures[kind].xaxis.axis_label = f"{parameter.label}{unit}"

    def update(self, curves: dict[str, Curve], titles: dict[str, str]) -> None:
        """Show what is known so far, a curve for each model; the other places stay empty."""
        self._shown = list(curves.items())
        for slot, source in enumerate(self.sources):
            name, curve = self._shown[slot] if slot < len(self._shown) else ("", Curve())
            source.data = _columns(curve, titles.get(name, ""))
        longest = max(curves.values(), key=lambda curve: len(curve.rows), default=Curve())
        self.floor.data = _floor_columns(longest)

    def _clicked(self, slot: int, _attribute, _old, new) -> None:
        if not new or slot >= len(self._shown):
            return
        name, curve = self._shown[slot]
        self.sources[slot].selected.indices = []
        if new[0] < len(curve.rows):
            row = curve.rows[new[0]]
            self.open_sample(name, row.element, row.worst)


def kind_of(symmetry: str, angles_on_a_dial: bool) -> str:
    """Which figure suits a symmetry."""
    if symmetry in ("rotation", "reflection"):
        return DIAL if angles_on_a_dial else EVEN
    return RATIO if symmetry in FACTORS else EVEN


def _columns(curve: Curve, title: str) -> dict[str, list]:
    rows = list(zip(curve.rows, curve.floor, strict=True))
    places = [_first(row.element) for row, _ in rows]
    errors = [row.error_median for row, _ in rows]
    x, y = on_the_dial(places, errors)
    low_high = [(row.error_median_low, row.error_median_high) for row, _ in rows]
    return {
        "x": x,
        "y": y,
        "place": places,
        "height": [max(error, SMALLEST) for error in errors],
        "title": [title] * len(rows),
        "element": [", ".join(f"{v:g}" for v in as_tuple(row.element)) for row, _ in rows],
        "error": [percent(error) for error in errors],
        "interval": [f"{percent(low)} to {percent(high)}" for low, high in low_high],
        "share": [f"{row.valid_share:.0%}" for row, _ in rows],
        "floor": [percent(floor) for _, floor in rows],
    }


def _floor_columns(curve: Curve) -> dict[str, list]:
    """The floor where interpolation does anything at all."""
    seen = any(floor > 1e-6 for floor in curve.floor)
    pairs = [
        (_first(row.element), floor) for row, floor in zip(curve.rows, curve.floor, strict=True)
    ]
    places, errors = [list(column) for column in zip(*pairs, strict=True)] if seen else ([], [])
    x, y = on_the_dial(places, errors)
    return {"x": x, "y": y, "place": places, "height": [max(e, SMALLEST) for e in errors]}


def _first(element: Element) -> float:
    return as_tuple(element)[0]


def _plane(axis: str):
    made = bare_figure("", "", "equivariance error", x_axis_type=axis, y_axis_type="log")
    made.y_range = Range1d(SMALLEST / 2, LARGEST)
    return made
