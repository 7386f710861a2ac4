"""Memory of visitors who have left: what still holds it is told to let go, and the system has it.

Three things kept it. Panel holds one of its own views of every session that had notices. What a
session was made of refers to itself all around, so that only Python's collector of garbage frees
it; over all that the server is made of one such collection takes about a second, in which nobody
is answered. And the C library keeps what was freed for itself.
"""

import gc
from threading import Thread

from bokeh.document import Document
from panel.io.state import state

from symdyn_core.freed_memory import hand_back


def forget(document: Document) -> None:
    """Let go of what Panel keeps of the document of a session that has ended.

    That is the root of the notices: Panel enters it among its views, but on nobody's list of what
    to remove. It holds the document, and with it all that was ever called back from it.
    """
    for ref, (view, root, owner, _) in list(state._views.items()):
        if owner is document:
            del state._views[ref]
            view._cleanup(root)


def keep_what_is_here() -> None:
    """Take what there is now to stay for as long as the server runs.

    Collections of garbage pass over it from now on: with each visitor who leaves they take as long
    as his session is large, rather than all of the libraries.
    """
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Free what sessions that have ended left behind, and hand it to the system."""
    gc.collect()
    # Apart, as it takes a while and needs nothing of Python's.
    Thread(target=hand_back, name="memory", daemon=True).start()
