"""What is made ready before the first visitor comes: models, forecasts, pictures.

A server of one process makes it while it starts (``panel serve --warm``). Several processes are
made by forking that one: then each makes its own, after the fork, when Panel runs this file in it
(``--setup``, as ``symdyn app --num-procs`` asks for). Threads that work, and a GPU that was used,
do not survive a fork.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "panel_setup_module":
    # Panel runs the file by itself: the package is found from here.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import memory
from app.arrival import warm_up
from app.compute import RESULTS
from app.flows import sources
from app.lanes import FORECASTS
from app.logs import LOG, configure
from app.operator import operator
from app.page import Session
from app.pictures import Display
from app.scene import Question


def will_fork(command: Sequence[str] = tuple(sys.orig_argv)) -> bool:
    """Whether a command makes a server of several processes."""
    values = [word.partition("=")[2] for word in command if word.startswith("--num-procs=")]
    places = [n for n, word in enumerate(command[:-1]) if word == "--num-procs"]
    return any(value != "1" for value in [*values, *(command[n + 1] for n in places)])


def _warmed(question: Question, display: Display) -> None:
    """Nobody waits for it: what goes wrong is told to the first who asks, and in the log."""
    try:
        warm_up(question, display)
    except (ValueError, FileNotFoundError) as error:
        LOG.warning("not warm: %s", error)
    except Exception:
        LOG.exception("not warm")
    else:
        LOG.info("warm: the first forecasts are there")


def warm(session: Session) -> None:
    """Answer what a session asks, and take what is there by then to stay."""
    FORECASTS.submit(_warmed, session.state.question, session.display)
    memory.keep_what_is_here()


if __name__ == "panel_setup_module":
    configure(log_json=operator().log_json)
    RESULTS.limit = operator().cache_mb * 2**20
    if found := sources():
        warm(Session(found))
