"""Tables of experiments on disk, each with the claim that it is to show: ``data/experiments``."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from symdyn_core.paths import data_directory
from symdyn_core.whole_files import write_whole

Cell = str | int | float | None


@dataclass(frozen=True)
class ResultTable:
    """One table.

    Attributes:
        title: what was done.
        claim: what the table is to show, in a sentence.
        columns: headings, with units.
        rows: one value for each column; None where there is none.
        source: the table or figure of a paper that it stands beside; "" for none.

    Raises:
        ValueError: rows of another length than the headings.
    """

    title: str
    claim: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    source: str = ""

    def __post_init__(self):
        if not self.columns or any(len(row) != len(self.columns) for row in self.rows):
            lengths = sorted({len(row) for row in self.rows})
            raise ValueError(
                f"Expected rows of {len(self.columns)} values, one for each column of "
                f"'{self.title}', got {lengths}."
            )


def directory() -> Path:
    """Where the tables of experiments are kept."""
    return data_directory() / "experiments"


def write_table(table: ResultTable, name: str, folder: Path | None = None) -> Path:
    """Write a table as ``name.json``, whole."""
    path = (folder or directory()) / f"{name}.json"
    write_whole(path, (json.dumps(asdict(table), indent=2) + "\n").encode())
    return path


def read_tables(folder: Path | None = None) -> dict[str, ResultTable]:
    """All tables of a folder by name, in the order of their names; files that are none are left
    out."""
    found = {}
    for path in sorted((folder or directory()).glob("*.json")):
        try:
            found[path.stem] = ResultTable(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            continue
    return found
