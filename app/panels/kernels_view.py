"""What is drawn on the page of kernels: three pictures, the basis beneath, curves beside."""

import numpy as np
import panel as pn
import panel_material_ui as pmui
from panel.viewable import Viewer

from ..kernels import DILATION, TURN, Action, Seen
from . import kernels_words as words
from .figures import Card
from .kernels_figures import SHAPE, BasisFigure, ConstraintCurves
from .kernels_pictures import Picture
from .kernels_scale import SCALES, scale


class KernelsView(Viewer):
    """Figures that are made once; ``draw`` changes what they hold."""

    def __init__(self):
        super().__init__()
        self.headings = [_heading("", "") for _ in range(3)]
        self.pictures = [Picture("") for _ in range(3)]
        self.scales = [_html("", above=0) for _ in range(3)]
        self.basis, self.curves = BasisFigure(), ConstraintCurves()
        cards = [
            Card(
                picture.figure, 260, 0, shape=1, growth=0.23,
                words="Cells of one filter of the layer",
            )
            for picture in self.pictures
        ]  # fmt: skip
        pictures = [
            _titled(above, card, 170, below)
            for above, card, below in zip(self.headings, cards, self.scales, strict=True)
        ]
        basis = Card(self.basis.figure, 80, 0, shape=SHAPE, words=words.BASIS, growth=0.34)
        curves = Card(self.curves.figure, 330, 0, words=words.CURVES, growth=0.84)
        column = {"sizing_mode": "stretch_width", "margin": 0}
        left = pmui.Column(
            pn.FlexBox(*pictures, gap="4px"),
            _titled(_heading("Basis functions and coefficients", words.BASIS), basis, 300),
            styles={"flex": "3 1 540px", "min-width": "min(320px, 100%)"}, **column,
        )  # fmt: skip
        right = _titled(_heading("Constraint error along the group", words.CURVES), curves, 300)
        self.body = pmui.Column(pn.FlexBox(left, right, gap="12px"), visible=False, **column)

    def __panel__(self):
        return self.body

    def draw(self, action: Action, seen: Seen, half: int) -> None:
        """One filter under an element; ``half`` is half its width at rest."""
        for heading, text in zip(self.headings, words.HEADINGS[action.kind], strict=True):
            heading.object = words.heading(text, words.MEASURES[action.kind])
        if seen.frame is None:
            self._draw_filters(action, seen, half)
        else:
            self._draw_neighbourhood(seen)
        for picture, below, meaning in zip(
            self.pictures, self.scales, SCALES[action.kind], strict=True
        ):
            below.object = scale(picture.limit, picture.vectors, meaning)
        self.basis.update(seen.basis.numpy(), seen.weights.numpy(), seen.weight_limit)
        self.curves.here.location = action.value
        self.body.visible = True

    def _draw_filters(self, action: Action, seen: Seen, half: int) -> None:
        """What should be, what is, and what is between them, in the same colours."""
        parts = [_array(part) for part in (seen.moved, seen.held, seen.difference)]
        wide = action.kind == DILATION
        limit = seen.limit / min(1.0, action.value) ** 2 if wide else seen.limit
        edge = max(part.shape[-1] for part in parts) // 2
        for picture, part in zip(self.pictures, parts, strict=True):
            picture.show(part, limit, edge)
        angle = action.value if action.kind == TURN else 0.0
        self.pictures[0].turn_outline(angle, half, action.value if wide else 1.0)
        self.pictures[0].point_frame(None, limit)

    def _draw_neighbourhood(self, seen: Seen) -> None:
        """What a layer sees, the same from its frame, and the filter."""
        parts = [_array(part) for part in (seen.moved, seen.held, seen.difference)]
        limits = (seen.unit, float(np.abs(parts[1]).max()) or 1.0, seen.limit)
        for picture, part, limit in zip(self.pictures, parts, limits, strict=True):
            picture.show(part, limit, part.shape[-1] // 2)
        self.pictures[0].turn_outline(None, 0)
        self.pictures[0].point_frame(seen.frame, seen.unit)


def _heading(text: str, definition: str):
    return _html(words.heading(text, definition))


def _html(text: str, above: int = 2):
    return pn.pane.HTML(
        text, stylesheets=[words.STYLE], margin=(above, 6), sizing_mode="stretch_width"
    )  # fmt: skip


def _titled(above, card: Card, width: int, *below):
    styles = {"flex": f"1 1 {width}px", "min-width": f"min({width}px, 100%)"}
    return pmui.Column(above, card, *below, styles=styles, sizing_mode="stretch_width", margin=0)


def _array(part) -> np.ndarray:
    return part.detach().numpy().astype(float)
