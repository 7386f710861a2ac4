"""What the words on the pages mean, for a student of a first lecture: hovers and the help."""

from html import escape
from typing import NamedTuple


class Word(NamedTuple):
    """A term, what it means, and how else it is written."""

    term: str
    meaning: str
    also: tuple[str, ...] = ()


WORDS: tuple[Word, ...] = (
    Word(
        "ordinary network",
        "A network of plain convolutions. Nothing in it knows that a turned flow is a flow, too: "
        "it has to learn every direction from its training data.",
        ("ordinary",),
    ),
    Word(
        "equivariant network",
        "A network built so that the forecast of a transformed flow is the transformed forecast, "
        "whatever its weights are: f(g w) = g f(w).",
        ("equivariant",),
    ),
    Word(
        "equivariance error",
        "‖f(g w) − g f(w)‖ / ‖g f(w)‖: how far the forecast of the transformed flow is from the "
        "transformed forecast, relative to its size. 0 for an equivariant network, however good "
        "its forecasts are.",
        ("broken symmetry",),
    ),
    Word(
        "symmetry",
        "A change of the flow that the laws of motion do not notice: what has been transformed "
        "goes on as the transformed flow does.",
    ),
    Word("rotation", "All places and velocities turn by the same angle, counter-clockwise."),
    Word("reflection", "The flow in a mirror: places and velocities are mirrored."),
    Word(
        "magnitude",
        "All velocities times one number. An exact symmetry only where the equations are linear; "
        "networks are often wanted to respect it for units' sake.",
    ),
    Word(
        "boost",
        "The same flow seen from a moving frame: velocities gain a constant, and places drift. "
        "Galileo's principle of relativity.",
        ("uniform motion",),
    ),
    Word("translation", "The flow moved by some cells, to the east or the north."),
    Word(
        "scaling",
        "A flow twice as large that runs at the matching pace: length, time and velocity change "
        "together so that the equations stay the same.",
    ),
    Word("identity", "The transformation that changes nothing: 0°, factor 1, no shift."),
    Word("truth", "What the flow really did next, transformed as the input was."),
    Word(
        "persistence",
        "The simplest forecast: nothing changes. A network that is worse than this is of no use.",
    ),
    Word("lead", "How many frames ahead of now a forecast is.", ("lead time",)),
    Word(
        "rollout",
        "A forecast of many frames: each forecast becomes the input of the next one, so that "
        "errors grow.",
    ),
    Word("frame", "The flow at one moment; the data step from frame to frame."),
    Word("window", "Some frames in a row: the input of a forecast and the truth that follows."),
    Word("region", "A square cut out of a longer flow: forecasts are made square by square."),
    Word(
        "RMSE",
        "Root mean square error of a velocity component against the truth, in units of the "
        "velocity: 0 is a perfect forecast.",
    ),
    Word(
        "ESE",
        "Energy spectrum error: root mean square difference of log₁₀ E(k) of forecast and truth. "
        "It grows when a forecast is too smooth or too rough, even where RMSE is small.",
        ("energy spectrum error", "spectral error"),
    ),
    Word(
        "energy spectrum",
        "How much kinetic energy E(k) the eddies of each size hold: large eddies at small "
        "wavenumbers k, small ones at large k.",
        ("spectrum", "E(k)"),
    ),
    Word("wavenumber", "k = 2π / wavelength: the larger, the smaller the eddies.", ("k",)),
    Word("correlation time", "The lead up to which forecast and truth still look alike."),
    Word("speed", "Length of the velocity vector, √(u² + v²)."),
    Word("u, v", "Velocity to the right (u) and upwards (v).", ("u", "v")),
    Word(
        "vorticity",
        "∂v/∂x − ∂u/∂y: how fast the flow turns; positive where it turns counter-clockwise.",
    ),
    Word(
        "divergence",
        "∂u/∂x + ∂v/∂y: zero in a flow that is neither squeezed nor fed from below.",
    ),
    Word("enstrophy", "Half the mean square of the vorticity: the energy of turning."),
    Word(
        "interpolation floor",
        "What turning on a grid changes by itself, there and back: no model can be scored "
        "below it, and it is drawn as a grey line.",
        ("floor",),
    ),
    Word(
        "stabilised",
        "Each forecast moved back, g⁻¹ f(g w). That of an equivariant network stands still while "
        "the slider moves; that of an ordinary one shimmers.",
    ),
    Word(
        "commuting square",
        "Transform, then forecast; or forecast, then transform. Where both ways lead to the same "
        "picture the network respects the symmetry.",
        ("both ways round",),
    ),
    Word(
        "Lie derivative",
        "How much the output changes under a tiny transformation, beyond what it should: the "
        "equivariance error of a first small step.",
    ),
    Word(
        "ResNet and U-Net",
        "Two architectures. A ResNet works at one resolution; a U-Net also looks at the flow "
        "from afar, on coarser grids.",
        ("ResNet", "U-Net"),
    ),
    Word(
        "kernel", "The small pattern of weights with which a convolution looks at each place.",
        ("filter",),
    ),
    Word("seed", "The number from which a training draws its random start."),
)  # fmt: skip

_MEANINGS = {name.lower(): word.meaning for word in WORDS for name in (word.term, *word.also)}


def meaning(term: str) -> str:
    """What a term means.

    Raises:
        KeyError: it is not in the glossary.
    """
    return _MEANINGS[term.lower()]


def hover(term: str, shown: str = "") -> str:
    """The term as HTML, with its meaning on hover and for screen readers.

    Args:
        shown: how it stands in the sentence, where that is not the term itself.
    """
    return f'<abbr title="{escape(meaning(term), quote=True)}">{escape(shown or term)}</abbr>'
