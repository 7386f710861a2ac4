"""The dashboard: ``panel serve app/``, or ``panel serve app/ --args PATH...`` with other flows."""

import sys

import panel as pn
import torch

from .flows import sources
from .page import Session
from .panels import missing

pn.extension(notifications=True)
# Sessions share the cores: each forecast takes one, and many are made side by side.
torch.set_num_threads(1)

lines = missing.missing()
if lines:
    missing.page(lines).servable()
else:
    Session(sources(sys.argv[1:])).page().servable()
