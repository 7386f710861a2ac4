"""Sizes that grow with the letters of the page: words fit in all themes."""


def letters(count: float) -> dict:
    """Arguments of a component that is ``count`` times as wide as a letter of the page is high."""
    width = f":host {{ width: {count:g}rem !important; }}"
    return {"sizing_mode": "stretch_width", "stylesheets": [width]}


TABLE = [":host .tabulator { font-size: .8125rem !important; }"]
"""Style sheets of a table whose words are as large as those around it."""
