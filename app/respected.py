"""Which symmetries a model is built to respect, and which one to show beside the ordinary one."""

from collections.abc import Mapping

ORDINARY = "plain"
"""What the models are built for that respect no symmetry but translation."""

PERSISTENCE = "persistence"
"""The forecast that nothing changes."""

UNTOLD = "told by nobody"
"""Models of visitors do not say what they respect."""

RESPECTED: Mapping[str, frozenset[str]] = {
    ORDINARY: frozenset({"translation"}),
    "uniform_motion": frozenset({"translation", "uniform_motion"}),
    "magnitude": frozenset({"translation", "magnitude"}),
    "rotation": frozenset({"translation", "rotation"}),
    "reflection": frozenset({"translation", "rotation", "reflection"}),
    "scaling": frozenset({"translation", "scaling"}),
    "all": frozenset(
        {"translation", "uniform_motion", "boost", "magnitude", "rotation", "scaling"}
    ),
    PERSISTENCE: frozenset(
        {"translation", "uniform_motion", "magnitude", "rotation", "reflection", "scaling"}
    ),
}
"""The symmetries that a model respects, by what it was built for.

All of them are made of convolutions, which commute with translations. "All" are all but mirrors: it
takes off the mean velocity and follows the drift of the pattern apart from it, so that boosts and
bare shifts are the same to it. Persistence cannot know that a boosted flow moves on.
"""

MADE_FOR: Mapping[str, tuple[str, ...]] = {
    "uniform_motion": ("uniform_motion",),
    "boost": ("all", "uniform_motion"),
    "magnitude": ("magnitude",),
    "rotation": ("rotation",),
    "reflection": ("reflection", "rotation"),
    "scaling": ("scaling", "magnitude"),
}
"""What to show beside the ordinary model: built for the symmetry, else its nearest relative."""


def respects(built_for: str, symmetry: str) -> bool:
    """Whether a model that is built for one symmetry respects another."""
    if built_for == UNTOLD:
        return False
    return symmetry in RESPECTED.get(built_for, frozenset({"translation", built_for}))
