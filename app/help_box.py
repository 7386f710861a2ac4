"""The help: what the words mean, what the keys do, and where to begin."""

from pathlib import Path

import param

from . import glossary
from .bundle import bundled
from .component import Component

HERE = Path(__file__).parent

KEYS = (
    ("Tab, Shift + Tab", "to the next or the former control; the first Tab skips to the content"),
    ("← →", "on a slider: one step; with Page up, Page down: ten steps; Home, End: to its ends"),
    ("Enter, Space", "press the button that has the focus"),
    ("Escape", "close a menu, the tour or this help"),
)
"""What keys do on all pages; those of the pictures are told by the pictures."""

BEGIN = (
    ("Explore", "Move the slider on the left: the flow turns, and both forecasts with it."),
    ("Spectra", "Which sizes of eddies a forecast loses, and how its errors grow."),
    ("Audit", "At which angle or factor a network fails worst, and in which layer."),
    ("Errors", "All forecasts of a flow in one table: the worst, and where and when they err."),
    ("Kernels", "The weights of a network, turning as the symmetry turns."),
    ("Runs", "Trainings on this machine: their curves and numbers."),
    ("Data", "Flows of your own: open, send, look at and cut them."),
)
"""What the pages are for."""


class HelpBox(Component):
    """A box over the page; ``wanted`` is raised to open it."""

    wanted = param.Integer(0, doc="Raised to open the box.")
    words = param.List(doc="[term, meaning] of each word of the glossary.")
    keys = param.List(doc="[key, what it does].")
    pages = param.List(doc="[title, what it is for] of each page that is there.")
    theme = param.String("light", doc="Name of the theme.")

    _esm = bundled(HERE / "help_box.js", HERE / "canvas")
    _stylesheets = [HERE / "help_box.css"]  # noqa: RUF012

    def __init__(self, titles: tuple[str, ...], **params):
        words = sorted(glossary.WORDS, key=lambda word: word.term.lower())
        super().__init__(
            words=[[word.term, word.meaning] for word in words],
            keys=[list(pair) for pair in KEYS],
            pages=[[title, use] for title, use in BEGIN if title in titles],
            **params,
        )
