"""What stands over the pictures: a title and an explanation for each of them."""

from . import catalogue, elements
from .scene import Question

LAST = "The last frame that both models see."
ERROR = "Forecast minus truth; in a speed picture, the length of the error vector."
ASYMMETRY = (
    "f(g w) − g f(w): forecast of the transformed flow minus transformed forecast. "
    "Zero everywhere for an equivariant model."
)
ONE_WAY = "One way round: transform first, then forecast."
OTHER_WAY = "The other way round: forecast first, then transform."
GAP = "Both ways round should arrive at the same: for an equivariant model they do."
FORECAST = "f(g w): the model sees the transformed flow."
STABILISED = (
    "g⁻¹ f(g w): the flow is transformed, forecast, and the forecast transformed back. "
    "Of an equivariant model it stands still while the slider moves."
)


def models(question: Question) -> dict[str, str]:
    """Both models by name."""
    names = {"a": question.model_a, "b": question.model_b}
    return {key: f"{key.upper()} · {catalogue.model(name).title}" for key, name in names.items()}


def forecasts(question: Question, *, error: bool, stabilised: bool) -> dict[str, tuple[str, str]]:
    """Of input, truth, forecasts, and maps of the error or of the broken symmetry."""
    names = {name for name, _ in question.links}
    word = elements.WORDS[names.pop()] if len(names) == 1 else "transformed"
    moved = "as recorded" if stabilised else word
    kind, what = ("Error", ERROR) if error else ("Broken symmetry", ASYMMETRY)
    forecast = STABILISED if stabilised else FORECAST
    return {
        "input": (f"Now, {moved}", LAST),
        "truth": (f"Truth, {moved}", "What the flow really did, transformed alike."),
        **{key: (title, forecast) for key, title in models(question).items()},
        "error_a": (f"{kind} of A", what),
        "error_b": (f"{kind} of B", what),
    }


def square(question: Question) -> dict[str, tuple[str, str]]:
    """Of the commuting square of both models; T is the transformation."""
    moved = elements.chained(elements.moving(question.links)) or "unchanged"
    found = {
        "recorded": ("w · now", f"The flow as recorded. {LAST}"),
        "input": ("T w", f"The flow {moved}. {LAST}"),
        "truth": ("T truth", "What the flow really did, transformed alike."),
    }
    for key in ("a", "b"):
        found[key] = ("f(T w)", ONE_WAY)
        found[f"upright_{key}"] = ("f(w)", "The forecast of the flow as recorded.")
        found[f"expected_{key}"] = (
            "T f(w)",
            "The other way round: forecast first, then transform.",
        )
        found[f"error_{key}"] = ("f(T w) − T f(w)", GAP)
    return found
