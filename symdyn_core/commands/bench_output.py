"""A benchmark as tables for people: one row for each pair, one column for each mode."""

from symdyn_core.commands.reporting import show_table

MODES = {
    "forward": "forward",
    "forward_backward": "training",
    "eval": "eval",
    "memory": "memory",
    "kernel_build": "kernels",
    "build": "build",
    "fit": "fit",
}
"""Mode -> heading, in the order of columns."""

NOTE = (
    "Medians of ratios, round by round, with half the range of their middle half; then the target. "
    "Training: forward and backward. Memory: peak of a training step. Kernels: share of building "
    "them in it. Build, fit: processor seconds; fit: to find the width of a parameter budget."
)


def show_bench(group: str, found: dict) -> None:
    """Print the ratios, and how far our kernels are from those of other libraries."""
    pairs: dict[tuple[str, ...], dict[str, dict]] = {}
    for row in found["rows"]:
        if row["mode"] in MODES:
            baseline = row["baseline"] if row["mode"] != "kernel_build" else "plain"
            key = (row["what"], _size(row), baseline)
            pairs.setdefault(key, {})[row["mode"]] = row
    used = [mode for mode in MODES if any(mode in rows for rows in pairs.values())]
    lines = [
        [*key, *(_figure(rows[mode]) if mode in rows else "" for mode in used)]
        for key, rows in pairs.items()
    ]
    columns = ["what", "size", "against", *(MODES[mode] for mode in used)]
    show_table(f"bench {group}: {_settings(found)}", columns, lines, NOTE)
    _show_agreement([row for row in found["rows"] if row["mode"] == "agreement"])


def _show_agreement(rows: list[dict]) -> None:
    if not rows:
        return
    lines = [
        [
            row["what"],
            row["baseline"],
            _size(row),
            f"{row['dimension']} / {row['peer_dimension']}",
            *(f"{row[name]:.0e}" for name in ("ours_outside_theirs", "theirs_outside_ours")),
            f"{row['constraint']:.0e} {_verdict(row)}",
        ]
        for row in rows
    ]
    columns = ["kernels", "and of", "map", "dimensions", "outside", "theirs", "constraint"]
    note = (
        "Largest share of a kernel of ours that is no sum of theirs, and the other way round, with "
        "the same rings and frequencies; violation of the constraint in their representations."
    )
    show_table("bench layers: the spaces of kernels", columns, lines, note)


def _size(row: dict) -> str:
    size = row.get("part") or row.get("architecture", "")
    if "channels" in row:
        size += f" {row['channels']}"
    if "kernel_size" in row:
        size += f" {row['kernel_size']}x{row['kernel_size']}"
    return size


def _settings(found: dict) -> str:
    settings, hardware = found["settings"], found["hardware"]
    cuda = settings["device"].startswith("cuda")
    where = ", ".join(hardware["gpus"]) if cuda else hardware["processor"]
    threads = settings["threads"]
    return f"{where}, {settings['precision']}, {threads} thread{'s' if threads > 1 else ''}"


def _figure(row: dict) -> str:
    if row["mode"] in ("build", "fit"):
        return f"{_duration(row['seconds'])} {_verdict(row)}".strip()
    spread = ""
    if "rounds" in row:
        spread = f"±{(row['ratio_high'] - row['ratio_low']) / 2:.2f}".replace("0.", ".", 1)
    return f"{row['ratio']:.2f}{spread} {_verdict(row)}".strip()


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.2g} ms"


def _verdict(row: dict) -> str:
    """``<= 1.2`` where the target is met, ``> 1.2!`` where it is missed."""
    if row["met"] is None:
        return ""
    return f"<= {row['target']:g}" if row["met"] else f"> {row['target']:g}!"
