"""The rows of a benchmark: what was compared with what, and whether the target is met."""

from dataclasses import asdict

from symdyn_core.benchmarking.timing import Comparison

TARGETS: dict[tuple[str, str, str], float] = {
    ("layers", "uniform_motion", "forward_backward"): 1.2,
    ("layers", "uniform_motion", "eval"): 1.2,
    ("layers", "uniform_motion", "memory"): 1.3,
    ("layers", "magnitude", "forward_backward"): 1.25,
    ("layers", "magnitude", "eval"): 1.25,
    ("layers", "magnitude", "memory"): 1.3,
    ("layers", "magnitude per component", "forward_backward"): 1.6,
    ("layers", "magnitude per component", "eval"): 1.6,
    ("layers", "magnitude per component", "memory"): 1.3,
    ("layers", "scaling", "forward_backward"): 1.3,
    ("layers", "scaling", "eval"): 1.1,
    ("models", "uniform_motion", "forward_backward"): 1.25,
    ("models", "magnitude", "forward_backward"): 1.3,
    **{
        key: limit
        for what in ("rotation C_8", "rotation C_16", "reflection D_8")
        for key, limit in (
            (("layers", what, "forward_backward"), 1.1),
            (("layers", what, "eval"), 1.03),
            (("models", what, "forward_backward"), 1.2),
            (("models", what, "eval"), 1.15),
        )
    },
    ("models", "uniform_motion", "eval"): 1.15,
    ("models", "magnitude", "eval"): 1.15,
}
"""(group, what, mode) -> largest ratio to the plain layer or network of equal expanded width."""

BUILD_SECONDS = 1.0
"""Longest time to build a network of the paper's size, with its initial weights."""

AGREEMENT = 1e-5
"""Largest share of a kernel outside the space that another library spans."""


def row(
    group: str,
    what: str,
    mode: str,
    baseline: str,
    ratio: float,
    *,
    target: float | int | None = None,
    judged: float | int | None = None,
    **more,
) -> dict:
    """One row of a report.

    Args:
        group: layers or models.
        what, baseline: the two that are compared, by name.
        mode: forward, forward_backward, eval, memory, kernel_build, build, fit or agreement.
        ratio: of ``what`` to ``baseline``.
        target: the largest value that is good enough; by default that of TARGETS where the
            baseline is the plain layer or network.
        judged: the value that the target is for; by default the ratio.
        more: further entries: sizes, spread, seconds, bytes.
    """
    if target is None and baseline == "plain":
        target = TARGETS.get((group, what, mode))
    value = ratio if judged is None else judged
    return {
        "group": group,
        "what": what,
        "mode": mode,
        "baseline": baseline,
        "ratio": ratio,
        "ratio_min": ratio,
        "ratio_max": ratio,
        **more,
        "target": target,
        "met": None if target is None else value <= target,
    }


def timed_row(
    group: str, what: str, mode: str, baseline: str, comparison: Comparison, **more
) -> dict:
    """A row of a timed comparison, with its spread."""
    return row(group, what, mode, baseline, **asdict(comparison), **more)
