"""What the page of runs says about one of them."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from symdyn_core.experiments.result_tables import Cell, ResultTable
from symdyn_core.experiments.run_records import RunRecord

from ..model import kind_title
from ..wording import number

SHORT = {"plain": "ordinary", "all": "all symmetries"}

STYLE = """
table { border-collapse: collapse; font-size: .8125rem; margin: 0 0 8px; }
td, th { padding: 2px 12px 2px 0; text-align: left; vertical-align: top; font-weight: 400; }
th { opacity: .75; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
h2 { font-size: 1.125rem; margin: 10px 0 6px; }
h3 { font-size: .9375rem; margin: 2px 0 6px; overflow-wrap: anywhere; }
p { margin: 4px 0; }
progress { width: min(320px, 60%); height: 10px; vertical-align: middle; accent-color: #1976d2; }
"""

STATUS = {
    "running": "in training", "finished": "finished", "stopped": "stopped before its end",
    "failed": "failed",
}  # fmt: skip

TEST_SETS = {"original": "as recorded", "elsewhere": "another flow"}
"""Names of test sets that are not those of a symmetry."""

TIP = (
    "RMSE and energy spectrum error (ESE) of 10-step forecasts of the test set and of its "
    "transformed copies; persistence repeats the last frame."
)


def short_kind(symmetry: str) -> str:
    """What is built in, in a word."""
    return SHORT.get(symmetry, symmetry.replace("_", " "))


def title(record: RunRecord) -> str:
    """What a run trains."""
    if not record.architecture:
        return "A training that begins"
    return kind_title(record.symmetry, record.architecture)


def summary(records: Sequence[RunRecord], busy: Sequence[RunRecord]) -> str:
    """How many there are."""
    if not records:
        return (
            "<p>No training run is on this machine yet. <code>symdyn train</code> and "
            "<code>symdyn zoo build</code> make them; this page finds them.</p>"
        )
    now = f", {len(busy)} of them in training" if busy else ""
    return f"<p><b>{len(records)} training runs</b> on this machine{now}.</p>"


def under_way(records: Sequence[RunRecord]) -> str:
    """The runs in training, with how far they are."""
    lines = []
    for record in records:
        best = f", validation RMSE {number(record.best)}" if record.best is not None else ""
        done = f"{record.updates} of {record.of} updates" if record.updates else "starting"
        lines.append(
            f"<p><b>{escape(title(record))}</b> ({escape(record.name)}): {done}{best} "
            f'<progress max="{max(1, record.of)}" value="{record.updates}" '
            f'aria-label="Updates done"></progress></p>'
        )
    return "".join(lines)


def card(record: RunRecord | None) -> str:
    """All that is known about a run."""
    if record is None:
        return "<p>Choose a run: click its dot or its line in the table.</p>"
    facts, settings = record.facts, record.facts.get("settings", {})
    hardware = facts.get("hardware") or {}
    rows = {
        "state": STATUS[record.status] + (f": {record.trouble}" if record.trouble else ""),
        "model": title(record),
        "data": record.data,
        "seed": facts.get("seed"),
        "parameters": _grouped(facts.get("parameters")),
        "width": record.specification.get("width"),
        "input frames": record.specification.get("past"),
        "updates": f"{record.updates} of {record.of}" if record.of else record.updates,
        "batch, rollout steps": _pair(settings.get("batch"), settings.get("rollout_steps")),
        "learning rate": settings.get("learning_rate"),
        "best validation RMSE": None if record.best is None else number(record.best),
        "computing time": _duration(sum(epoch.seconds for epoch in record.epochs)),
        "hardware": ", ".join([*hardware.get("gpus", []), str(hardware.get("processor", ""))]),
        "started": str(facts.get("started", "")).replace("T", " ").replace("+00:00", " UTC"),
    }
    lines = [
        f"<tr><th>{name}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows.items()
        if value not in (None, "")
    ]
    return f"<h3>{escape(record.name)}</h3><table>{''.join(lines)}</table>{_metrics(facts)}"


def _metrics(facts: Mapping) -> str:
    """Errors on the test sets, where the run became a model of the zoo."""
    found = facts.get("metrics") or {}
    if not found:
        return ""
    lines = "".join(
        f"<tr><th>{escape(TEST_SETS.get(name, name.replace('_', ' ')))}</th>"
        + "".join(
            f'<td class="number">{number(float(one[key]))}</td>'
            for key in ("rmse", "ese", "persistence_rmse")
        )
        + "</tr>"
        for name, one in found.items()
    )
    head = "<tr><th>test set</th><th>RMSE</th><th>ESE</th><th>persistence</th></tr>"
    return f'<table title="{escape(TIP, quote=True)}">{head}{lines}</table>'


def results(tables: Iterable[ResultTable]) -> str:
    """The tables of experiments, each under the claim that it is to show; "" without any."""
    parts = [_result(table) for table in tables]
    return f"<h2>Experiments</h2>{''.join(parts)}" if parts else ""


def _result(table: ResultTable) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    source = f" ({escape(table.source)})" if table.source else ""
    return (
        f"<h3>{escape(table.title)}{source}</h3><p>{escape(table.claim)}</p>"
        f"<table><tr>{head}</tr>{rows}</table>"
    )


def _cell(value: Cell) -> str:
    if isinstance(value, float):
        return f'<td class="number">{number(value)}</td>'
    return f"<td>{'–' if value is None else escape(str(value))}</td>"


def _grouped(count) -> str | None:
    return None if count is None else f"{int(count):,}".replace(",", " ")


def _pair(one, other) -> str | None:
    return None if one is None or other is None else f"{one}, {other}"


def _duration(seconds: float) -> str | None:
    if not seconds:
        return None
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"
