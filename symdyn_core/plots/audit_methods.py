"""What an audit measures, in words and formulas, at the end of its page."""

from html import escape

from symdyn_core.plots.svg import formula
from symdyn_core.symmetries import Symmetry

DEFINITIONS = (
    (
        "Equivariance error",
        r"\mathrm{EE}_g(f) = \dfrac{\| f(g\,w) - g\,f(w) \|}{\| g\,f(w) \|}",
        "Norms over both components and the compared cells: all where the element acts without "
        "interpolation, else those farther than the reach of the model from unknown cells and open "
        "edges. The model is measured as deployed, its normalisation included. The interval is a "
        "percentile bootstrap of the median that draws whole blocks (stretches of one member at "
        "least as long as a window), since overlapping windows are not independent.",
    ),
    (
        "Scaling",
        r"f(T_a w) \;\; \mathrm{against} \;\; T_a\,f^{\,n}(w), \quad n = a^2; \qquad"
        r" f^{\,n}(T_a w) \;\; \mathrm{against} \;\; T_a\,f(w), \quad n = 1/a^2",
        "A forecaster has a fixed time step, and the scaling by a makes one step a² steps; the "
        "forecast n steps ahead is that of the same network read at another scale where it has "
        "levels of scale, else n steps of its rollout.",
    ),
    (
        "Data asymmetry",
        r"A_g^2 = \dfrac{2\,|m'-m|^2}{U'^2+U^2} + \mathrm{mean}_s\;"
        r"\dfrac{2\,\Sigma\,|D'_{ij}(s)-D_{ij}(s)|^2}{\Sigma\,(D'_{ij}(s)^2+D_{ij}(s)^2)},"
        r"\qquad D_{ij}(s) = \langle \delta_s w_i \, \delta_s w_j \rangle",
        "Distance between the statistics of the flow and of the transformed flow (primes): mean "
        "velocity m, root mean square U, and structure functions of second order over separations "
        "s in space and time. No model is involved. Values under the sampling floor, the distance "
        "between two halves of the windows, say nothing.",
    ),
    (
        "Lie derivative",
        r"L_X f(w) = \dfrac{d}{d\epsilon}\, g_\epsilon^{-1} f(g_\epsilon w)\,|_{\epsilon=0}"
        r" = Df(w)[X w] - X f(w)",
        "By forward-mode differentiation, relative to the norm of X f(w) (Gruver et al., ICLR "
        "2023). Layer by layer it is measured along shifts of pixels only, the derivative being "
        "renewed before and after every layer; a finite group of turns, as steerable features "
        "have it, has no generator.",
    ),
    (
        "Layers",
        r"\min_\rho \; \| h(g\,w) - \rho(g)\,h(w) \| \,/\, \| h(g\,w) \|",
        "ρ runs over the representations that the layers of this package use: scalars, vectors, "
        "functions on a finite group, pairs that move with the flow, multiples. “fitted” is the "
        "residual, on held-out windows, of the best affine map of channels: small where a layer "
        "carries the symmetry in a representation of its own.",
    ),
)
"""Title, formula, words."""


def methods(symmetries: list[Symmetry]) -> str:
    """The section of definitions, with the action of every symmetry."""
    parts = [
        f"<h3>{escape(title)}</h3><p class='formula'>{formula(tex, f'method-{n}', 12)}</p>"
        f"<p>{escape(words)}</p>"
        for n, (title, tex, words) in enumerate(DEFINITIONS)
    ]
    actions = "".join(
        f"<tr><td>{escape(symmetry.title)}</td>"
        f"<td>{formula(symmetry.action, f'action-{symmetry.name}', 10)}</td></tr>"
        for symmetry in symmetries
    )
    return (
        f"<section class='methods'><h2>Definitions</h2><table class='actions'>{actions}</table>"
        f"{''.join(parts)}</section>"
    )
