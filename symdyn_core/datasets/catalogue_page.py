"""``data/README.md``, written from the catalogue."""

import re
from collections.abc import Iterable, Sequence

from symdyn_core.datasets.catalogue import data_sets
from symdyn_core.datasets.catalogued import DataSet, readable_bytes

HEAD = """<!-- Written by `make data-readme` from symdyn_core/datasets/catalogue*.py. -->
# Data

| folder | what | source and licence | in git |
|---|---|---|---|
| `demo/` | short pieces of simulated flows (`NAME.zarr`), the test data of the models in `zoo/`; \
some 10 MB each | made by this project (`symdyn zoo build`), MIT | yes |
| `zoo/` | trained forecasters: `NAME.safetensors` (weights) and `NAME.json` (card: specification, \
seed, data, settings, time, hardware, metrics); some 50 to 70 kB each | made by this project \
(`symdyn zoo build`), MIT | yes |
| `raw/` | full simulations (`symdyn data make`), downloads (`symdyn data download`), files of \
your own | see below | no |
| `processed/` | caches | | no |
| `runs/` | training runs | | no |

`SYMDYN_DATA` names another folder with the same layout. `symdyn data list` tells what is on disk,
`symdyn data list NAME` everything about one data set, `symdyn data info PATH` what a file holds.

Velocities of demo flows keep 7 bits of their mantissa after the leading one (0.17 % in the mean
square), so that they compress; simulations under `raw/` keep all 23. The generating parameters, the
seed, versions, duration and what was measured while it ran stand in the attribute `provenance` of
each store.
"""

SIZES = """
## Sizes

Of all numbers before compression; stores are smaller on disk.
"""

SYMMETRIES = """
## Symmetries

Those of simulations come from their solvers, whose tests hold them to the list: **yes** commutes to
rounding, **~** up to the stated error, for the reason given or in the statistics.
`symdyn data list NAME` tells which elements hold and what breaks the others.
"""

TAIL = """
Ocean currents and benchmarks of others are no part of the project. Cite their source when you use
them.
"""

GROUPS = (
    *("translation", "rotation", "reflection", "uniform_motion", "boost", "magnitude", "scaling"),
)
"""Columns of the table of symmetries; others are named in a column of their own."""

MARKS = {"exactly": "yes", "approximately": "~", "no": ""}


def data_readme() -> str:
    """The text, the same on every machine."""
    known = data_sets()
    parts = [HEAD]
    for title, sets in (
        ("Made here", [one for one in known if one.how.startswith("symdyn data make")]),
        ("Made by others", [one for one in known if not one.how.startswith("symdyn data make")]),
    ):
        parts += [f"\n## {title}\n", *(_section(one) for one in sets)]
    parts += [SIZES, _sizes(known), SYMMETRIES, _symmetries(known), TAIL]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _section(one: DataSet) -> str:
    lines = [
        f"**`{one.name}`**: {one.what}.",
        f"Source: {one.source}. Cite: {one.citation}.",
        f"Licence: {one.licence}. Units: {one.units}.",
        f"Size: {one.size}." if one.size else "",
        f"To get it: {_code(one.how)}.",
    ]
    return "  \n".join(line for line in lines if line)


def _code(how: str) -> str:
    """Commands as code: from ``symdyn`` to the end of the clause."""
    return re.sub(r"symdyn data .*?(?=; |$)", lambda command: f"`{command[0]}`", how)


def _sizes(known: Iterable[DataSet]) -> str:
    rows = [
        [
            f"`{one.name}`",
            size.preset,
            f"{size.members}",
            f"{size.frames}",
            f"{size.ny} x {size.nx}",
            readable_bytes(size.bytes),
        ]
        for one in known
        for size in one.sizes
    ]
    return _table(["data set", "preset", "members", "frames", "cells (y x x)", "size"], rows)


def _symmetries(known: Iterable[DataSet]) -> str:
    rows = []
    for one in known:
        held = {kept.name: MARKS[kept.holds] for kept in one.symmetries}
        others = [name for name, mark in held.items() if name not in GROUPS and mark]
        cells = [held.get(name, "") for name in GROUPS]
        rows.append([f"`{one.name}`", *cells, ", ".join(others).replace("_", " ")])
    heads = [name.replace("_", " ") for name in GROUPS]
    return _table(["data set", *heads, "others"], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
