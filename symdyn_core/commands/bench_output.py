"""A benchmark as tables for people: one row for each pair, one column for each mode."""

from collections.abc import Iterable

from symdyn_core.commands.reporting import show_table

MODES = {
    "forward": "forward",
    "forward_backward": "training",
    "eval": "eval",
    "memory": "memory",
    "kernel_build": "kernels",
    "build": "build",
}
"""Mode -> heading, in the order of columns."""

NOTE = (
    "Medians of ratios, round by round, with half the range of their middle half; then the target. "
    "Training: forward and backward. Memory: peak of a training step. Kernels: share of building "
    "them in it. Build: with initial weights, processor time."
)


def show_bench(group: str, found: dict) -> None:
    """Print the ratios, the builds, and how far kernels are from those of other libraries."""
    pairs: dict[tuple[str, ...], dict[str, dict]] = {}
    for row in found["rows"]:
        if row["mode"] in MODES and "parameters" not in row:
            pairs.setdefault(_pair(row, pairs), {})[row["mode"]] = row
    used = [mode for mode in MODES if any(mode in rows for rows in pairs.values())]
    lines = [
        [*key, *(_figure(rows[mode]) if mode in rows else "" for mode in used)]
        for key, rows in pairs.items()
    ]
    columns = ["what", "size", "against", *(MODES[mode] for mode in used)]
    show_table(f"bench {group}: {_settings(found)}", columns, lines, NOTE)
    _show_builds([row for row in found["rows"] if "parameters" in row])
    _show_agreement([row for row in found["rows"] if row["mode"] == "agreement"])


def _pair(row: dict, known: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """What is compared with what; the share of kernels belongs to the pair before it."""
    names = (row["what"], _size(row))
    if row["mode"] == "kernel_build":
        return next((pair for pair in known if pair[:2] == names), (*names, row["baseline"]))
    return (*names, row["baseline"])


def _show_builds(rows: list[dict]) -> None:
    if not rows:
        return
    times = {(row["what"], row["architecture"], row["mode"]): row for row in rows}
    lines = [
        [what, name, _figure(row), _figure(times[what, name, "fit"])]
        for (what, name, mode), row in times.items()
        if mode == "build"
    ]
    sizes = {row["architecture"]: row["parameters"] for row in rows}
    note = "Processor time with initial weights, and to find the width; parameters: " + ", ".join(
        f"{name} {count:,}" for name, count in sizes.items()
    )
    show_table("bench models: building", ["what", "architecture", "build", "fit"], lines, note)


def _show_agreement(rows: list[dict]) -> None:
    if not rows:
        return
    lines = [
        [
            row["what"],
            row["baseline"],
            _size(row),
            f"{row['dimension']} / {row['peer_dimension']}",
            f"{row['ours_outside_theirs']:.0e}",
            f"{row['constraint']:.0e} {_verdict(row)}",
        ]
        for row in rows
    ]
    columns = ["kernels", "and of", "map", "dimensions", "outside", "constraint"]
    note = (
        "Largest share of a kernel of ours that is no sum of theirs, with their rings at every "
        "distance of the lattice; violation of the constraint in their representations."
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
