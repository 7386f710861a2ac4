"""The state in the address of the page: a link shows what its sender saw."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from .state import AppState

SWITCHES = {"1": True, "0": False}
THEMES = {"dark": True, "light": False}


def written(state: AppState) -> str:
    """The query string of a state, such as ``?data=convection&symmetry=rotation&element=90``."""
    entries = {
        "data": state.data,
        "region": str(state.member),
        "frame": str(state.now),
        "symmetry": state.symmetry,
        "element": ",".join(f"{value:.6g}" for value in state.element),
        "a": state.model_a,
        "b": state.model_b,
        "lead": str(state.lead),
        "field": state.field,
        "maps": state.maps,
        "limits": state.limits.replace(" ", "-"),
        "stabilised": str(int(state.stabilised)),
        "arrows": str(int(state.arrows)),
        "theme": "dark" if state.dark else "light",
    }
    return "?" + urlencode(entries, safe=",")


def restore(state: AppState, query: str) -> list[str]:
    """Set a state from a query string; what cannot be is left as it is and reported.

    Returns:
        One readable line for every value that was ignored.
    """
    given = dict(parse_qsl(query.lstrip("?"), keep_blank_values=True))
    problems: list[str] = []
    # The order matters: a flow before its regions, a symmetry before its element.
    for name, apply in _readers(state).items():
        if name not in given:
            continue
        try:
            apply(given.pop(name))
        except (ValueError, FileNotFoundError, KeyError) as error:
            problems.append(f"{name}: {_reason(error)}")
    problems += [f"{name}: there is no such setting." for name in given]
    return problems


def _readers(state: AppState) -> dict[str, Callable[[str], object]]:
    def set_to(name: str, read: Callable = str) -> Callable[[str], object]:
        return lambda text: state.param.update(**{name: read(text)})

    return {
        "data": state.choose_data,
        "region": lambda text: state.place(member=int(text)),
        "frame": lambda text: state.place(now=int(text)),
        "symmetry": state.choose_symmetry,
        "element": lambda text: state.move_to(tuple(float(v) for v in text.split(","))),
        "a": set_to("model_a"),
        "b": set_to("model_b"),
        "lead": set_to("lead", int),
        "field": set_to("field"),
        "maps": set_to("maps"),
        "limits": set_to("limits", lambda text: text.replace("-", " ")),
        "stabilised": set_to("stabilised", SWITCHES.__getitem__),
        "arrows": set_to("arrows", SWITCHES.__getitem__),
        "theme": set_to("dark", THEMES.__getitem__),
    }


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no such choice as {error}."
    text = str(error).splitlines()[0]
    if text.startswith("invalid literal") or text.startswith("could not convert"):
        return f"not a number ({text.rsplit(':', 1)[-1].strip()})."
    return text
