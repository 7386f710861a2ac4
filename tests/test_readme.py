"""The README says what is there."""

import json
import re
from pathlib import Path

from symdyn_core.cli import app
from symdyn_core.experiments.rbc_zoo import SYMMETRIES
from symdyn_core.models import zoo
from symdyn_core.symmetries import ALL

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_every_symmetry_stands_in_the_table_with_its_action():
    for symmetry in ALL:
        assert f"| `{symmetry.name}` | ${symmetry.action}$ |" in README, symmetry.name


def test_every_command_is_shown():
    groups = [group.name for group in app.registered_groups]
    commands = [command.name for command in app.registered_commands]
    assert all(f"symdyn {name}" in README for name in (*groups, *commands))


def test_every_link_and_picture_exists():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links and all((ROOT / link).exists() for link in links)


def test_nothing_is_left_to_fill_in():
    assert "RESULT" not in README and "BENCH_" not in README


def test_the_results_are_those_of_the_cards():
    assert len(zoo.names()) == 19
    for name in zoo.names():
        card = json.loads((zoo.directory() / f"{name}.json").read_text())
        row = row_of(name)
        assert {"original", *(symmetry.name for symmetry in SYMMETRIES)} <= card["metrics"].keys()
        assert f"{card['parameters']:,}" in row
        for test_set, found in card["metrics"].items():
            assert f"{found['rmse']:.4f}" in row, (name, test_set)
        if name.startswith("ocean"):
            assert f"| {card['metrics']['original']['ese']:.2f} |" in row


def test_the_measured_currents_are_those_of_the_recorded_report():
    report = json.loads((ROOT / "benchmarks/results/currents-agulhas.json").read_text())
    assert {row["stage"] for row in report["rows"]} == {"", "as trained", "fine-tuned"}
    for row in report["rows"]:
        # A model has two rows: the table of its zoo, and this one.
        name = "persistence" if not row["stage"] else f"`{row['model']}`"
        lines = [line for line in README.splitlines() if line.startswith(f"| {name} | ")]
        cells = [f"{e:.3f} ± {s:.3f}" for e, s in zip(row["rmse"], row["spread"], strict=True)]
        shown = cells[-1:] if row["stage"] == "as trained" else cells
        assert any(all(cell in line for cell in shown) for line in lines), row


def row_of(name):
    """The row of a model in the tables of the zoos, the first one that names it."""
    return next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))


def test_the_twelve_lines_run():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 14
    exec(compile(code, "README.md", "exec"), {})
