"""The dashboard: ``panel serve app/``, or ``panel serve app/ --args PATH...`` with other flows."""

import sys

import panel as pn
import torch

from .compute import RESULTS
from .engine import warm_up
from .flows import sources
from .lanes import FORECASTS
from .logs import configure
from .operator import operator
from .page import Session
from .panels import full, missing
from .quiet_page import serve_styles_from_here
from .visits import VISITS

pn.extension("tabulator", notifications=True)
# Sessions share the cores: each forecast takes one, and many are made side by side.
torch.set_num_threads(1)
serve_styles_from_here()

lines = missing.missing(sys.argv[1:])
if not lines:
    try:
        configure(log_json=operator().log_json)
        RESULTS.limit = operator().cache_mb * 2**20
        document = pn.state.curdoc
        # With --warm the page is built once before anybody visits it.
        visited = document is not None and document.session_context is not None
        if visited and VISITS.full:
            full.page().servable()
        else:
            session = Session(sources(sys.argv[1:]))
            session.page().servable()
            if visited:
                VISITS.enter(document)
            else:
                FORECASTS.submit(warm_up, session.state.question)
    except (ValueError, FileNotFoundError) as error:
        lines = missing.unusable(error)
if lines:
    missing.page(lines).servable()
