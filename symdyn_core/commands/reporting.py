"""How commands print results and errors."""

import functools
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")
]

USER_ERRORS = (ValueError, TypeError, OSError)
"""What a command reports in one line: bad input, missing files, full disks."""


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
        except USER_ERRORS as error:
            if os.environ.get("SYMDYN_TRACEBACK"):
                traceback.print_exc()
            fail(error, as_json=bool(kwargs.get("as_json")))

    return wrapped


def fail(error: Exception, *, as_json: bool) -> None:
    """Print an error and leave with exit code 2."""
    text = " ".join(str(error).split()) or type(error).__name__
    if as_json:
        show_json({"error": text})
    else:
        sys.stderr.write(f"symdyn: {text}\n")
    raise typer.Exit(2)


def show_json(value: Any) -> None:
    """One JSON object on standard output."""
    sys.stdout.write(json.dumps(value, default=str) + "\n")


def show_table(title: str, columns: list[str], rows: list[list[str]], note: str = "") -> None:
    """A table for people; numbers are right-aligned."""
    table = Table(title=title, title_justify="left", caption=note or None, caption_justify="left")
    for name in columns:
        first = name == columns[0]
        table.add_column(name, justify="left" if first else "right", no_wrap=first, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


def say(text: str) -> None:
    """A line for people, on standard error so that standard output stays parseable."""
    Console(stderr=True, highlight=False).print(text)
