"""What the page of errors says: how both models did, and how unusual the chosen input is."""

from symdyn_core.experiments.error_summaries import Chosen, pooled, share_better

from ..inspection import Placement
from ..wording import number
from .errors_lines import Errors
from .labels import quoted

RMSE_TIP = (
    "RMSE: root mean square of forecast minus truth over all cells of water, components and leads. "
    "Persistence repeats the last frame that the models see."
)
GAUGE_TIP = (
    "Mahalanobis distance of seven features of the window (strength, mean flow, anisotropy, size "
    "of structures, pace) from those of the windows of a flow like the training data. It says how "
    "unusual the input is, not how good the forecast: an equivariant model is as good far outside "
    "as it was inside."
)


def sentence(errors: Errors, titles: dict[str, str], chosen: Chosen, unit: str) -> str:
    """How well both models did on the chosen windows."""
    count = len(next(iter(errors.values())).among(chosen))
    of = "all" if chosen is None else "the chosen"
    parts = [f"Over <b>{of} {count} windows</b>:"]
    for name, one in errors.items():
        parts.append(
            f"<b>{name.upper()}</b> ({titles[name]}): RMSE <b>{number(pooled(one.rmse, chosen))}"
            f"</b>{f' {unit}' if unit else ''}, better than persistence on "
            f"{share_better(one, chosen):.0%} of them."
        )
    still = pooled(next(iter(errors.values())).persistence, chosen)
    parts.append(f"Persistence: {number(still)}.")
    return f'<p style="margin:0" title="{quoted(RMSE_TIP)}">{" ".join(parts)}</p>'


def waiting(text: str) -> str:
    """What is being done, or why nothing is to be seen."""
    return f'<p style="margin:0">{text}</p>'


def gauge(found: Placement) -> str:
    """How unusual the input is, in words and as a meter."""
    if found.share >= 1:
        place = f"outside of all, {found.excess:.1f} times as far out as the farthest,"
    else:
        place = f"farther out than {found.share:.0%}"
    return (
        f'<p style="margin:0" title="{quoted(GAUGE_TIP)}">The input of Explore, as transformed, '
        f"lies <b>{place}</b> of the windows of a flow like the training data of B; most unusual "
        f'is its <b>{found.feature}</b>. <meter min="0" max="1" low="0.8" high="0.95" optimum="0" '
        f'value="{found.share:.3f}" aria-label="How unusual the input is"></meter></p>'
    )
