"""Sizes that grow with the letters of the page, so that words fit, and with large windows."""

SPARE = "max(0px, min(100vh, 56.25vw) - 720px)"
"""Height that a window has over one of 1280 × 720; none on narrower ones, as phones are."""


def grown(height: float, share: float) -> str:
    """A height [CSS pixels] that also takes a share of what large windows have to spare."""
    return f"calc({height:g}px + {share:g} * {SPARE})"


def letters(count: float) -> dict:
    """Arguments of a component that is ``count`` times as wide as a letter of the page is high."""
    width = f":host {{ width: {count:g}rem !important; }}"
    return {"sizing_mode": "stretch_width", "stylesheets": [width]}


def lines(count: int, share: float) -> dict:
    """Styles of a figure with so many lines of words, one over the other: none touch."""
    return {"min-height": f"max({1.04 * count + 4.6:.4g}rem, {grown(20 * count + 90, share)})"}


def table(height: int, share: float) -> dict:
    """Arguments of a table whose words are as large as those around it; it is as high as a figure.

    Args:
        height, share: as for ``grown``.
    """
    least = grown(height, share)
    style = f"font-size: .8125rem !important; min-height: {least} !important"
    return {
        "height": height,
        "styles": {"min-height": least},
        "stylesheets": [f":host .tabulator {{ {style} }}"],
    }
