"""Flows and their sources as tables for people."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def show_flow(report: dict) -> None:
    """Print the report of a flow, a group of lines at a time, and its problems."""
    from symdyn_core.inspection.readable import facts

    console = Console(highlight=False)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for title, rows in facts(report):
        table.add_row(f"[bold]{escape(title)}[/bold]")
        for name, value in rows.items():
            table.add_row(f"  {escape(name)}", escape(value))
    console.print(f"[bold]{escape(report['title'] or report['path'])}[/bold]")
    console.print(escape(report["path"]), style="dim", soft_wrap=True)
    console.print(table)
    for problem in report["problems"]:
        console.print(f"[bold]Problem:[/bold] {escape(problem.rstrip('.'))}.")
