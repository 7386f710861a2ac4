"""How commands print results and errors."""

import errno
import functools
import importlib
import json
import math
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from symdyn_core.whole_files import check_writable

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")
]

USER_ERRORS = (ValueError, TypeError, OSError)
"""Errors whose text is written for people: bad input, missing files, full disks."""


def reported(command: Callable) -> Callable:
    """Turn the errors of a command into one line and exit code 2 (an object, with ``--json``).

    ``SYMDYN_TRACEBACK=1`` in the environment shows where an error came from.
    """

    @functools.wraps(command)
    def wrapped(*args, **kwargs):
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            Console(stderr=True).print("Interrupted; repeat the command to go on from there.")
            raise typer.Exit(130) from None
        except typer.Exit:
            raise
        except Exception as error:
            if os.environ.get("SYMDYN_TRACEBACK"):
                traceback.print_exc()
            report_error(_in_words(error), as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(2) from None

    return wrapped


def _in_words(error: Exception) -> str:
    """What went wrong; of a full disk the system says too little."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f" at '{error.filename}'" if error.filename else ""
        return (
            f"The disk is full{where}. What was there before is unchanged, and what was finished "
            "is kept: free some space and repeat the command to go on."
        )
    known = isinstance(error, USER_ERRORS)
    text = str(error) if known else f"{type(error).__name__}: {error}"
    return text or type(error).__name__


def report_error(text: str, *, as_json: bool) -> None:
    """Print an error as one line, or as one JSON object."""
    line = " ".join(text.split())
    if as_json:
        show_json({"error": line})
    else:
        sys.stderr.write(f"symdyn: {line}\n")


def show_json(value: Any) -> None:
    """One JSON object on standard output."""
    sys.stdout.write(json.dumps(_finite(value), default=str, allow_nan=False) + "\n")


def _finite(value: Any) -> Any:
    """The value with null for numbers that JSON does not have: infinities and NaN."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def show_table(title: str, columns: list[str], rows: list[list[str]], note: str = "") -> None:
    """A table for people; numbers are right-aligned."""
    table = Table(title=escape(title), title_justify="left", caption_justify="left")
    table.caption = escape(note) or None
    for name in columns:
        first = name == columns[0]
        table.add_column(name, justify="left" if first else "right", no_wrap=first, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


def check_page(path: Path, drawing: str) -> None:
    """Find out before the work begins whether its page can be drawn and written.

    Args:
        path: given as ``--html``.
        drawing: the module that draws it.

    Raises:
        ValueError: a place where nothing can be written, or a package that is not installed.
    """
    check_writable(path, "--html")
    try:
        importlib.import_module(drawing)
    except ModuleNotFoundError as error:
        raise ValueError(
            f"The page needs {error.name} to draw. Install it: pip install 'symdyn[app]'."
        ) from error


def say(text: str) -> None:
    """A line for people, on standard error so that standard output stays parseable."""
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(text)
