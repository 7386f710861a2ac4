"""The log of the server: lines for people, or one JSON object for each."""

import json
import logging
from datetime import UTC, datetime

import panel as pn

LOG = logging.getLogger("symdyn.app")
"""Of the dashboard: visits, uploads and what went wrong."""

SHORT = 8
"""Signs of a session's name that tell it from others; all of them would let others take it over."""

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
"""What every record has; the rest was given with ``extra``."""


class JsonLines(logging.Formatter):
    """time, level, logger, message, session; what was given as ``extra``; error with its trace."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if session := current_session():
            line["session"] = session
        line |= {name: value for name, value in vars(record).items() if name not in PLAIN}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def current_session() -> str:
    """Short name of the session that is being served; "" outside of one."""
    document = pn.state.curdoc
    context = document.session_context if document is not None else None
    return context.id[:SHORT] if context is not None else ""


def configure(*, log_json: bool) -> None:
    """Let the dashboard speak, in the form the operator wants; doing so again changes nothing."""
    LOG.setLevel(logging.INFO)
    if not log_json:
        return
    named = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    for logger in (logging.getLogger(), *named):
        for handler in logger.handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setFormatter(JsonLines())
