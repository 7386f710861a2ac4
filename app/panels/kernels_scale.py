"""Scales of colours under the pictures of filters, with what the colours mean on hover."""

from ..kernels import DILATION, MAGNITUDE, MOTION, TURN
from ..wording import number
from .figures import SIGNED, STRENGTH
from .labels import quoted

STOPS = 8
"""Steps of a scale of colours, between which browsers mix them."""

WEIGHTS = "Weights of the filter: what values in these cells are multiplied by. No unit."
SEEN = "What the layer is given there, in units of the network: its inputs are standardised."
IN_STRENGTHS = "What the layer is given there, divided by its strength. No unit."

SCALES = {
    TURN: (WEIGHTS, WEIGHTS, "Held by the network minus turned: weights, without a unit."),
    DILATION: (WEIGHTS, WEIGHTS, "Held by the network minus widened: weights, without a unit."),
    MOTION: (SEEN, SEEN, WEIGHTS),
    MAGNITUDE: (SEEN, IN_STRENGTHS, WEIGHTS),
}
"""What the colours of the three pictures mean."""


def scale(limit: float, vectors: bool, meaning: str) -> str:
    """The colours of a picture with the values at their ends.

    Args:
        limit: largest value, or largest length of vectors.
    """
    low, palette = (0.0, STRENGTH) if vectors else (-limit, SIGNED)
    colours = ", ".join(palette[n * (len(palette) - 1) // STOPS] for n in range(STOPS + 1))
    ends = [number(value).replace("-", "−") for value in (low, limit)]
    kind = "Length of the arrows. " if vectors else "The palest colour is 0. "
    return (
        f'<div class="scale" role="img" title="{quoted(kind + meaning)}" '
        f'aria-label="Colours from {ends[0]} to {ends[1]}. {quoted(kind + meaning)}">{ends[0]}'
        f'<i style="background: linear-gradient(to right, {colours})"></i>{ends[1]}</div>'
    )
