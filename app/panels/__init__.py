"""Pages and their parts, each a small Viewer of the state; they meet only in the session.

panel      what a page is
explore    a transformed flow and two forecasts of it
spectra    energy by scale, errors against lead, of the same forecasts
audit      errors along a symmetry and layer by layer
errors     all windows of a flow: the worst of them, where and when they err
runs       training runs on disk and under way; small ones to start
data       flows of one's own: opened, sent, looked at, cut
controls   the sidebar, in sections: links the transformations, choices flow, models, pictures
story      the sentence and the table over the pictures
curves     errors against lead; spectrum, spectra_error energy by scale
"""

from .audit import Audit
from .data import Data
from .errors import ErrorsPage
from .explore import Explore
from .kernels import Kernels
from .panel import Panel
from .runs import Runs
from .spectra import SpectraPage

PANELS: tuple[type[Panel], ...] = (Explore, SpectraPage, Audit, ErrorsPage, Kernels, Runs, Data)
"""The pages, in the order of their buttons."""
