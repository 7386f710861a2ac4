"""Pages of the dashboard in a notebook, beside the code of whoever looks deeper.

    from app.in_notebook import dashboard
    dashboard("explore", links=(("rotation", (37.0,)),), model_b="rbc-resnet-plain")

Everything works as on a served page, in the kernel of the notebook and without a network. What has
been computed before is shared among all cells.
"""

import os
from collections.abc import Sequence

import panel as pn
import panel_material_ui as pmui

from .flows import sources
from .page import Session
from .panels import PANELS


def dashboard(
    page: str = "explore",
    *,
    flows: Sequence[str | os.PathLike] = (),
    settings: dict[str, object] | None = None,
    **state,
) -> pn.viewable.Viewable:
    """A page of the dashboard with its controls, to be shown by a notebook.

    Args:
        page: explore, spectra, audit, errors, kernels, runs or data.
        flows: stores or files to choose from, beside the demo flows.
        settings: of that page, such as ``{"symmetry": "magnitude"}`` of the audit.
        state: of ``AppState``: ``links``, ``model_a``, ``model_b``, ``lead``, ``field`` ...

    Raises:
        ValueError: no such page, or a value that cannot be chosen; it lists those that can.
        FileNotFoundError: no demo flow and none given.
    """
    if not pn.extension._loaded:
        pn.extension("tabulator", notifications=True, inline=True)
    keys = [panel.key for panel in PANELS]
    if page not in keys:
        raise ValueError(f"There is no page {page!r}; choose from {', '.join(keys)}.")
    found = sources([str(flow) for flow in flows])
    if not found:
        raise FileNotFoundError("There is no demo flow; run `make demo-data`, or name `flows`.")
    session = Session(found)
    _choose(session, page, settings or {}, state)
    session.shell.turn_to(page)
    session.controls.view.param.update(sizing_mode="fixed", width=300)
    if "theme" not in state:
        session.controls.view.theme = ""  # as the notebook around it
    pn.state.onload(session.begin)
    return pmui.Row(
        session.controls,
        pmui.Column(*session.shell.holders.values(), sizing_mode="stretch_width", margin=0),
        sizing_mode="stretch_width",
    )


def _choose(session: Session, page: str, settings: dict[str, object], state: dict) -> None:
    """Set the state in an order in which each value can be checked."""
    chosen = dict(state)
    unknown = [name for name in chosen if name not in session.state.param]
    if unknown:
        known = ", ".join(name for name in session.state.param if name != "name")
        raise ValueError(f"There is no {', '.join(unknown)} to choose; there are {known}.")
    if "data" in chosen:
        session.state.choose_data(chosen.pop("data"))
    session.state.choose_models(a=chosen.pop("model_a", None), b=chosen.pop("model_b", None))
    if "links" in chosen:
        session.state.set_links(chosen.pop("links"))
    session.state.place(member=chosen.pop("member", None), now=chosen.pop("now", None))
    session.state.param.update(page=page, **chosen)
    session.settings[page].param.update(**settings)
