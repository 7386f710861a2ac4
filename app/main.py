"""The dashboard: ``panel serve app/``, or ``panel serve app/ --args PATH...`` with other flows."""

import sys
from pathlib import Path

import panel as pn
import torch

# By its own name the package is one for all: imported relative to this file it would be another
# one for each application that Panel makes of it, and what is made warm would not be what serves.
ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from app.compute import RESULTS
from app.flows import sources
from app.logs import configure
from app.operator import operator
from app.page import Session
from app.panels import full, missing
from app.quiet_page import serve_styles_from_here
from app.unexpected import unexpected
from app.visits import VISITS
from app.warmth import warm, will_fork

pn.extension("tabulator", notifications=True, exception_handler=unexpected)
# Sessions share the cores: each forecast takes one, and many are made side by side.
torch.set_num_threads(1)
serve_styles_from_here()

lines = missing.missing(sys.argv[1:])
if not lines:
    try:
        configure(log_json=operator().log_json)
        RESULTS.limit = operator().cache_mb * 2**20
        document = pn.state.curdoc
        context = document.session_context if document is not None else None
        # With --warm the page is built once before anybody visits it, for no server.
        visited = context is not None and context.server_context is not None
        if visited and VISITS.full:
            full.page().servable()
        else:
            session = Session(sources(sys.argv[1:]))
            session.page().servable()
            if visited:
                session.prepare()
                VISITS.enter(document)
                VISITS.watch()
            elif not will_fork():
                warm(session)
    except (ValueError, FileNotFoundError) as error:
        lines = missing.unusable(error)
if lines:
    missing.page(lines).servable()
