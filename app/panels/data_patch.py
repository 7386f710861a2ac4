"""The card on which a patch is chosen: the map, sides in cells, frames, and the button."""

from collections.abc import Awaitable, Callable

import panel as pn
import panel_material_ui as pmui
from panel.viewable import Viewer

from symdyn_core.datasets.patches import Patch, snapped

from ..intake import Subject
from . import data_words
from .data_map import PatchMap
from .sizes import letters

MULTIPLE = 8
"""Networks that coarsen three times need sides that are multiples of it."""

FIRST_FRAMES = 240
"""Frames that are proposed, at most."""


class PatchCard(Viewer):
    """Choose a patch of the subject.

    Args:
        cut: called with the patch when the button is pressed.
    """

    def __init__(self, cut: Callable[[Patch], Awaitable[None]]):
        super().__init__()
        self.subject: Subject | None = None
        self.patch: Patch | None = None
        self.map = PatchMap(self._drawn)
        self._following = False
        self.pane = pn.pane.Bokeh(self.map.figure, sizing_mode="stretch_width", margin=0)
        self.colours = _words()
        self.sides = {
            name: pmui.IntInput(
                label=label, size="small", step=MULTIPLE, start=0, margin=(8, 2), **letters(6.9)
            )
            for name, label in SIDES.items()
        }
        self.member = pmui.IntInput(label="Member", size="small", start=0, **letters(6.5))
        self.frames = pmui.IntRangeSlider(
            label="Frames", start=0, end=1, sizing_mode="stretch_width"
        )
        self.words = _words()
        self.button = pmui.Button(label="Cut and explore", icon="content_cut", color="primary")
        self.cut = cut
        self.button.on_click(self._pressed)
        for widget in (*self.sides.values(), self.member, self.frames):
            widget.param.watch(self._typed, "value")

    def __panel__(self):
        return pmui.Column(
            _words(
                "<h3>Cut a patch</h3><p>Drag a box on the map. Its sides become multiples of "
                f"{MULTIPLE} cells, which every network takes.</p>"
            ),
            self.pane,
            self.colours,
            pn.FlexBox(*self.sides.values(), self.member, gap="4px"),
            self.frames,
            self.words,
            self.button,
            sizing_mode="stretch_width",
            margin=0,
        )

    def look_at(self, subject: Subject) -> None:
        """Show the map of another flow, with a square in its middle proposed."""
        self.subject = subject
        seen = subject.seen
        ny, nx = seen.cells
        self.colours.object = self.map.look_at(seen)
        self._following = True
        self.frames.param.update(start=0, end=max(1, seen.frames - 1))
        self.member.param.update(end=seen.members - 1, visible=seen.members > 1, value=0)
        self._following = False
        half = min(64, ny, nx) / 2
        last = min(seen.frames, FIRST_FRAMES) - 1
        self._settle((nx / 2 - half, nx / 2 + half), (ny / 2 - half, ny / 2 + half), (0, last))

    def _drawn(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        self._settle(x, y, self.frames.value)

    def _typed(self, *_events) -> None:
        """A side was typed: the corner stays, the far side moves."""
        if self._following or self.patch is None:
            return
        x, y, nx, ny = (float(self.sides[name].value or 0) for name in ("x", "y", "nx", "ny"))
        self._settle((x, x + nx), (y, y + ny), self.frames.value)

    def _settle(self, x, y, frames) -> None:
        """The nearest patch that can be cut, in all widgets."""
        if self.subject is None:
            return
        seen = self.subject.seen
        first, last = (int(frame) for frame in frames)
        sizes = (seen.frames, *seen.cells)
        member = int(self.member.value or 0)
        patch = snapped(x, y, (first, last), sizes, multiple=MULTIPLE, member=member)
        self.patch, self._following = patch, True
        try:
            for name, widget in self.sides.items():
                widget.value = getattr(patch, name)
            self.frames.value = (patch.first, patch.last)
        finally:
            self._following = False
        self.map.show(patch)
        self.words.object = data_words.patch_words(patch, seen)

    async def _pressed(self, *_events) -> None:
        if self.patch is None:
            return
        self.button.disabled = True
        try:
            await self.cut(self.patch)
        finally:
            self.button.disabled = False


def _words(html: str = ""):
    return pn.pane.HTML(html, stylesheets=[data_words.STYLE], sizing_mode="stretch_width")


SIDES = {"x": "First column", "y": "First row", "nx": "Columns", "ny": "Rows"}
