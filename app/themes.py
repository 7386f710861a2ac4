"""Colours and sizes of the three themes, for Material components and for the page around them."""

BLUE, PALE_BLUE = "#1565c0", "#90caf9"

COMPONENTS = {
    "MuiToolbar": {
        "defaultProps": {"variant": "dense"},
        "styleOverrides": {"dense": {"minHeight": "3rem"}},
    },
    "MuiButton": {"styleOverrides": {"root": {"textTransform": "none"}}},
    "MuiToggleButton": {
        "styleOverrides": {
            "root": {"textTransform": "none", "&.Mui-selected": {"fontWeight": 700}},
        }
    },
    # Names for screen readers, which the components leave to those who use them.
    "MuiLinearProgress": {"defaultProps": {"aria-label": "Progress"}},
    "MuiCircularProgress": {"defaultProps": {"aria-label": "Working"}},
    "MuiTooltip": {"defaultProps": {"describeChild": True}},
    # The frame of the page hides the sidebar until it is known to have room, or is shut.
    "MuiDrawer": {"styleOverrides": {"root": {"visibility": "var(--symdyn-sidebar)"}}},
    # The title of the page is the bar's; the empty lines under the bar are no headings.
    "MuiTypography": {"defaultProps": {"variantMapping": {"h3": "div", "h5": "div"}}},
}
"""A low header, and words as they are written: the pictures need the room."""


def _theme(bar: str, line: str, palette: dict) -> dict:
    look = {"backgroundColor": bar, "color": "#fff", "borderBottom": f"1px solid {line}"}
    header = {"styleOverrides": {"root": {**look, "backgroundImage": "none", "boxShadow": "none"}}}
    return {"palette": palette, "components": {**COMPONENTS, "MuiAppBar": header}}


LIGHT = _theme(
    "#00568a",
    "#00456e",
    {
        "primary": {"main": BLUE, "contrastText": "#fff"},
        "background": {"default": "#fff", "paper": "#fff"},
        "text": {"primary": "#16191d", "secondary": "#4a525b"},
    },
)

DARK = _theme(
    "#0c2d44",
    "#2b5a7a",
    {
        "primary": {"main": PALE_BLUE, "contrastText": "#06243b"},
        "background": {"default": "#121417", "paper": "#16191d"},
        "text": {"primary": "#eceff1", "secondary": "#b6bec7"},
    },
)

PROJECTOR = _theme(
    "#00304f",
    "#000",
    {
        "primary": {"main": "#003f8a", "contrastText": "#fff"},
        "background": {"default": "#fff", "paper": "#fff"},
        "text": {"primary": "#000", "secondary": "#222"},
        "divider": "#555",
    },
)

THEMES = {"light": LIGHT, "dark": DARK, "projector": PROJECTOR}


def material(theme: str) -> dict:
    """The theme as Material components want it."""
    return THEMES[theme]


GROUND = "".join(
    f"html[data-symdyn={name}] {{ --symdyn-ground: {look['palette']['background']['paper']}; }}\n"
    for name, look in THEMES.items()
)
"""Colours behind pages, for what covers a part of them."""

LETTERS = """
html:root { font-size: clamp(100%, calc(9.5px + .34vw), 150%); --bokeh-font-size: .875rem; }
html[data-symdyn=projector]:root { font-size: clamp(120%, calc(11.4px + .408vw), 180%); }
.skip-link {
  position: fixed; z-index: 5000; top: -80px; left: 12px; padding: 10px 18px;
  border: 0; border-radius: 0 0 8px 8px; background: #fff; color: #003d66;
  font: 600 1rem Roboto, system-ui, sans-serif;
  box-shadow: 0 4px 16px #0006;
}
.skip-link:focus { top: 0; outline: 3px solid #e0a800; }
"""
"""Letters grow with windows wider than full HD. The last row of a lecture hall reads larger ones;
the pictures already fill the screen."""

PAGE = GROUND + LETTERS
