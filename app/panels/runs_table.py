"""Training runs as a table, grouped by what they were trained on."""

from collections.abc import Callable, Iterable, Sequence

import pandas as pd
import panel as pn
from bokeh.models.widgets.tables import NumberFormatter

from symdyn_core.experiments.run_records import RunRecord

from . import runs_words
from .sizes import table

HEADINGS = {
    "model": "model", "best": "RMSE", "seed": "seed", "updates": "updates", "status": "state",
    "parameters": "parameters", "name": "run",
}  # fmt: skip

TIPS = {
    "best": "Best validation RMSE, in the unit of velocity of the data",
    "name": "Folder of the run",
}


class RunTable:
    """Runs, one in each line; a click chooses one."""

    def __init__(self, choose: Callable[[str], None]):
        self.choose = choose
        self.widget = pn.widgets.Tabulator(
            pd.DataFrame(columns=[*HEADINGS]), titles=HEADINGS, header_tooltips=TIPS,
            disabled=True, show_index=False,
            page_size=8, pagination="local", selectable=False, sizing_mode="stretch_width",
            layout="fit_data_stretch", **table(392, 0.28),
            formatters={"best": NumberFormatter(format="0.0000")},
        )  # fmt: skip
        self.widget.on_click(lambda event: choose(self.widget.value["name"].iloc[event.row]))

    def update(self, records: Iterable[RunRecord]) -> None:
        """List runs; those that are listed already stay as they are, with page and order."""
        rows = pd.DataFrame([_row(record) for record in records], columns=[*HEADINGS])
        if not rows.equals(self.widget.value):
            self.widget.value = rows


def _row(record: RunRecord) -> dict:
    return {
        "name": record.name,
        "model": runs_words.title(record),
        "seed": str(record.facts.get("seed", "–")),
        "parameters": str(record.facts.get("parameters", "–")),
        "updates": str(record.updates),
        "best": record.best,
        "status": runs_words.STATUS[record.status],
    }


def by_data(records: Iterable[RunRecord]) -> dict[str, str]:
    """Names of the flows that runs were trained on, with their keys; those with most runs first."""
    groups: dict[str, list[RunRecord]] = {}
    for record in records:
        if record.data_key:
            groups.setdefault(record.data_key, []).append(record)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return {_title(group): key for key, group in ordered}


def _title(group: Sequence[RunRecord]) -> str:
    """The title of a flow, as far as it is known, and the folder of the first of its runs."""
    place = group[0].name.split("/")[0]
    named = next((record.data for record in group if record.data), "")
    return f"{named} · {place} ({len(group)})" if named else f"{place} ({len(group)})"
