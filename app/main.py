"""The dashboard: ``panel serve app/``, or ``panel serve app/ --args PATH...`` with other flows."""

import sys

import panel as pn
import torch

from .engine import warm_up
from .flows import sources
from .lanes import FORECASTS
from .page import Session
from .panels import missing

pn.extension("tabulator", notifications=True)
# Sessions share the cores: each forecast takes one, and many are made side by side.
torch.set_num_threads(1)

lines = missing.missing(sys.argv[1:])
if not lines:
    try:
        session = Session(sources(sys.argv[1:]))
        session.page().servable()
        if pn.state.curdoc is None or pn.state.curdoc.session_context is None:
            # With --warm the page is built once before anybody visits it.
            FORECASTS.submit(warm_up, session.state.question)
    except (ValueError, FileNotFoundError) as error:
        lines = missing.unusable(error)
if lines:
    missing.page(lines).servable()
