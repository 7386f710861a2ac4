"""All zoos of the project, built one after the other."""

from collections.abc import Sequence
from pathlib import Path

from symdyn_core.experiments import ocean_zoo, rbc_zoo
from symdyn_core.experiments.zoo_making import Progress, chosen_among

ZOOS = {"convection": rbc_zoo, "ocean": ocean_zoo}
"""Name of the flow -> the module that builds its zoo."""


def build_zoos(
    preset: str = "small",
    *,
    flow: str | None = None,
    seed: int = 0,
    only: Sequence[str] | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> list[dict]:
    """Build the zoo of one flow or of all; arguments are those of ``rbc_zoo.build_zoo``.

    Args:
        flow: "convection" or "ocean"; both by default.
        only: names of models, of whichever zoo; all by default.

    Raises:
        ValueError: an unknown flow, preset or model.
    """
    if flow is not None and flow not in ZOOS:
        raise ValueError(f"Unknown flow {flow!r}; zoos are built of {', '.join(ZOOS)}.")
    zoos = [ZOOS[name] for name in ([flow] if flow else ZOOS)]
    known = [model for one in zoos for model in one.members()]
    wanted = {model.name for model in chosen_among(known, only)}
    cards = []
    for one in zoos:
        here = [model.name for model in one.members() if model.name in wanted]
        if here:
            # The demo flow is cut where a zoo is built whole.
            cards += one.build_zoo(
                preset,
                seed=seed,
                only=here if only else None,
                folder=folder,
                progress=progress,
            )
    return cards
