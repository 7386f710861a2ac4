"""The state in the address of the page: a link shows what its sender saw."""

from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, urlencode

import param

from . import elements, tour
from .state import AppState

SWITCHES = {"1": True, "0": False}
BETWEEN = "~"
"""Between the links of a chain: ``symmetry=rotation~magnitude&element=90~2``."""


def written(state: AppState, settings: dict[str, param.Parameterized] | None = None) -> str:
    """The query string of a state, such as ``?data=convection&symmetry=rotation&element=90``.

    Args:
        settings: of the pages, by key: what differs from their defaults is written too.
    """
    entries = {
        "page": state.page,
        "data": state.data,
        "region": str(state.member),
        "frame": str(state.now),
        "symmetry": BETWEEN.join(name for name, _ in state.links),
        "element": BETWEEN.join(_numbers(element) for _, element in state.links),
        "a": state.model_a,
        "b": state.model_b,
        "steps": str(state.steps),
        "lead": str(state.lead),
        "field": state.field,
        "view": state.view,
        "maps": state.maps,
        "limits": state.limits.replace(" ", "-"),
        "stabilised": str(int(state.stabilised)),
        "vectors": state.vectors,
        "theme": state.theme,
    }
    if state.pinned:
        entries["point"] = ",".join(f"{share:.6g}" for share in state.pinned)
    if state.tour:
        entries["tour"] = str(state.tour)
    for key, of_page in (settings or {}).items():
        entries |= {f"{key}.{name}": text for name, text in _changed(of_page)}
    return "?" + urlencode(entries, safe=",~:;/")


def _numbers(element: tuple[float, ...]) -> str:
    return ",".join(f"{value:.6g}" for value in element)


def _changed(settings: param.Parameterized) -> Iterable[tuple[str, str]]:
    for name in own_parameters(settings):
        value = getattr(settings, name)
        if value != settings.param[name].default and value is not None:
            yield name, str(int(value)) if isinstance(value, bool) else str(value)


def own_parameters(settings: param.Parameterized) -> list[str]:
    """Names of the settings, without what every Parameterized has."""
    return [name for name in settings.param if name != "name"]


def restore(
    state: AppState, query: str, settings: dict[str, param.Parameterized] | None = None
) -> list[str]:
    """Set a state from a query string; what cannot be is left as it is and reported.

    Returns:
        One readable line for every value that was ignored.
    """
    given = {"tour": "0", "point": ""} | dict(parse_qsl(query.lstrip("?"), keep_blank_values=True))
    problems: list[str] = []
    # The order matters: a flow before its regions, symmetries before their elements.
    # A step of the tour sets all of them; what the address says besides is said more exactly.
    step = {"tour": lambda text: tour.show(state, settings or {}, int(text))}
    readers = step | _readers(state, given) | _page_readers(settings or {})
    for name, apply in readers.items():
        if name not in given:
            continue
        try:
            apply(given.pop(name))
        except (ValueError, FileNotFoundError, KeyError) as error:
            problems.append(f"{name}: {_reason(error)}")
    problems += [f"{name}: there is no such setting." for name in given]
    return problems


def _readers(state: AppState, given: dict[str, str]) -> dict[str, Callable[[str], object]]:
    def set_to(name: str, read: Callable = str) -> Callable[[str], object]:
        return lambda text: state.param.update(**{name: read(text)})

    return {
        "page": set_to("page"),
        "data": state.choose_data,
        "region": lambda text: state.place(member=int(text)),
        "frame": lambda text: state.place(now=int(text)),
        "symmetry": lambda text: _symmetries(state, text),
        "element": lambda text: _elements(state, text),
        "a": lambda text: state.choose_models(a=text),
        "b": lambda text: state.choose_models(b=text),
        "steps": set_to("steps", int),
        "lead": set_to("lead", int),
        "field": set_to("field"),
        "view": set_to("view"),
        "maps": set_to("maps"),
        "limits": set_to("limits", lambda text: text.replace("-", " ")),
        "stabilised": set_to("stabilised", SWITCHES.__getitem__),
        "vectors": set_to("vectors"),
        "point": lambda text: state.pin(tuple(map(float, text.split(","))) if text else ()),
        "theme": set_to("theme"),
    }


def _symmetries(state: AppState, text: str) -> None:
    names = text.split(BETWEEN)
    links = tuple((name, elements.start_element(elements.named(name))) for name in names)
    if len(names) == 1:
        state.links = state.links[:1]
        state.choose_symmetry(names[0])
    else:
        state.set_links(links)


def _elements(state: AppState, text: str) -> None:
    given = [tuple(float(value) for value in part.split(",")) for part in text.split(BETWEEN)]
    if len(given) != len(state.links):
        raise ValueError(
            f"There are {len(state.links)} transformations, got elements for {len(given)}."
        )
    state.set_links(
        tuple((name, values) for (name, _), values in zip(state.links, given, strict=True))
    )


def _page_readers(
    settings: dict[str, param.Parameterized],
) -> dict[str, Callable[[str], object]]:
    def reader(of_page: param.Parameterized, name: str) -> Callable[[str], object]:
        return lambda text: of_page.param.update(**{name: _read(of_page.param[name], text)})

    return {
        f"{key}.{name}": reader(of_page, name)
        for key, of_page in settings.items()
        for name in own_parameters(of_page)
    }


def _read(parameter: param.Parameter, text: str):
    """A value from its text, as the parameter wants it."""
    if isinstance(parameter, param.Boolean):
        return SWITCHES[text]
    if isinstance(parameter, param.Integer):
        return int(text)
    if isinstance(parameter, param.Number):
        return float(text)
    if isinstance(parameter, param.Selector):
        for choice in parameter.objects:
            if str(choice) == text:
                return choice
        raise KeyError(text)
    return text


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no such choice as {error}."
    text = str(error).splitlines()[0]
    if text.startswith("invalid literal") or text.startswith("could not convert"):
        return f"not a number ({text.rsplit(':', 1)[-1].strip()})."
    return text
