"""Widths of controls that grow with the letters of the page: their words fit in all themes."""


def letters(count: float) -> dict:
    """Arguments of a component that is ``count`` times as wide as a letter of the page is high."""
    width = f":host {{ width: {count:g}rem !important; }}"
    return {"sizing_mode": "stretch_width", "stylesheets": [width]}
