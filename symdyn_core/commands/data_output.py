"""Flows and their sources as tables for people."""

from pathlib import PurePath
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from symdyn_core.datasets.catalogued import readable_bytes


def show_catalogue(entries: list[dict[str, Any]]) -> None:
    """Print all data sets: what they are, the symmetries that hold, sizes, what is on disk."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_lines=True)
    table.add_column("data set", no_wrap=True, style="bold")
    table.add_column("what it is, licence", overflow="fold", ratio=4)
    table.add_column("symmetries (~ approximate)", overflow="fold", ratio=3)
    table.add_column("size, on disk", overflow="fold", ratio=3)
    for entry in entries:
        what = f"{entry['what']} (licence: {_first_part(entry['licence'])})"
        cells = (entry["name"], what, symmetries_in_short(entry), _sizes(entry))
        table.add_row(*(escape(cell) for cell in cells))
    console = Console(highlight=False)
    console.print(table)
    console.print("symdyn data list NAME tells everything about one of them.")


def show_entry(entry: dict[str, Any]) -> None:
    """Print all that is known of one data set."""
    console = Console(highlight=False)
    console.print(f"[bold]{escape(entry['name'])}[/bold]: {escape(entry['what'])}")
    table = _plain_table()
    for key in ("source", "citation", "licence", "units", "how"):
        table.add_row(key, escape(entry[key]))
    if entry["size"]:
        table.add_row("size", escape(entry["size"]))
    for preset in entry["presets"]:
        members = f"{preset['members']} x " if preset["members"] > 1 else ""
        table.add_row(
            preset["preset"],
            f"{members}{preset['frames']} frames of {preset['ny']} x {preset['nx']} cells, "
            f"{readable_bytes(preset['bytes'])} before compression",
        )
    console.print(table)
    symmetries = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("symmetry", "holds", "which elements, or what breaks it"):
        symmetries.add_column(column, overflow="fold")
    for kept in entry["symmetries"]:
        symmetries.add_row(*(escape(kept[key]) for key in ("name", "holds", "which")))
    console.print(symmetries)
    for found in entry["on_disk"]:
        console.print(f"on disk: {escape(found['path'])}, {_found(found)}", soft_wrap=True)


def symmetries_in_short(entry: dict[str, Any]) -> str:
    """Names of the symmetries that hold; those that hold approximately have a tilde."""
    marks = {"exactly": "", "approximately": "~"}
    held = [kept for kept in entry["symmetries"] if kept["holds"] in marks]
    return ", ".join(f"{marks[kept['holds']]}{kept['name'].replace('_', ' ')}" for kept in held)


def _sizes(entry: dict[str, Any]) -> str:
    sizes = [f"{size['preset']} {readable_bytes(size['bytes'])}" for size in entry["presets"]]
    parts = [", ".join(sizes) or entry["size"]]
    parts += [f"{PurePath(found['path']).name}: {_found(found)}" for found in entry["on_disk"]]
    return "\n".join(parts)


def _found(found: dict[str, Any]) -> str:
    parts = [readable_bytes(found["bytes"])]
    if found["frames"] is not None:
        members = f"{found['members']} x " if found["members"] > 1 else ""
        parts.append(f"{members}{found['frames']} frames")
    if not found["complete"]:
        parts.append("unfinished")
    return ", ".join(parts)


def _first_part(text: str) -> str:
    """A licence without its explanation."""
    return text.split(",")[0].split(":")[0].split(";")[0]


def _plain_table() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def show_flow(report: dict) -> None:
    """Print the report of a flow, a group of lines at a time, and its problems."""
    from symdyn_core.inspection.readable import facts

    console = Console(highlight=False)
    table = _plain_table()
    for title, rows in facts(report):
        table.add_row(f"[bold]{escape(title)}[/bold]")
        for name, value in rows.items():
            table.add_row(f"  {escape(name)}", escape(value))
    console.print(f"[bold]{escape(report['title'] or report['path'])}[/bold]")
    console.print(escape(report["path"]), style="dim", soft_wrap=True)
    console.print(table)
    for problem in report["problems"]:
        console.print(f"[bold]Problem:[/bold] {escape(problem.rstrip('.'))}.")
