"""A progress bar with rate and remaining time, for anything that reports (done, total)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Rate(ProgressColumn):
    """Steps per second, or seconds per step where that reads better."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.1f}/s" if speed >= 1 else f"{1 / speed:.1f} s each")


@contextmanager
def progress_bar(title: str, *, shown: bool = True) -> Iterator[Callable[..., None]]:
    """Show a bar on standard error while entered; yields a function of (done, total)
    and, optionally, what is being done.

        with progress_bar("training") as progress:
            for record in train(..., progress=progress): ...

    Steps done before the first call (in a run that is continued) do not count in the rate. The
    bar is drawn on terminals only: in files and pipes it would be noise.
    """
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not (shown and console.is_terminal),
    )
    task = bar.add_task(title, total=None)

    def report(done: int, total: int, what: str = title) -> None:
        bar.update(task, completed=done, total=total, description=what)

    with bar:
        yield report
