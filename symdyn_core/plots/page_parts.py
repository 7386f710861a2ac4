"""Parts of the pages that this package writes: one HTML file, nothing to load from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from symdyn_core import __version__
from symdyn_core.plots.page_style import STYLE


def whole_page(kind: str, heading: str, on: str, sections: Sequence[str], *, title: str) -> str:
    """A page of sections of HTML; empty ones are left out.

    Args:
        kind: of the page, above its heading.
        heading, on: what it is about; plain text, as are ``kind`` and ``title``.
    """
    body = "\n".join(section for section in sections if section)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header><p class="kind">{escape(kind)}</p><h1>{escape(heading)}</h1>'
        f'<p class="on">{escape(on)}</p></header>\n'
        f"{body}\n<footer>symdyn {escape(__version__)}</footer>\n</main>\n</body>\n</html>\n"
    )


def fact_boxes(columns: Iterable[Sequence[tuple[str, Mapping[str, Any]]]]) -> str:
    """Lists of names and values, each under its title, in columns side by side."""
    drawn = (f"<div>{''.join(_box(*box) for box in column)}</div>" for column in columns)
    return f'<section class="facts">{"".join(drawn)}</section>'


def _box(title: str, facts: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<dt>{escape(str(name))}</dt><dd>{escape(_fact(value))}</dd>"
        for name, value in facts.items()
    )
    return f"<h3>{escape(title)}</h3><dl>{rows}</dl>"


def _fact(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def key(colour: str, text: str) -> str:
    """A colour of a figure and what it stands for."""
    return f'<span><i style="background:{colour}"></i>{escape(text)}</span>'
