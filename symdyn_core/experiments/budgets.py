"""Budgets of training: what every model of a comparison gets, whatever its symmetry."""

from dataclasses import dataclass, replace

from symdyn_core.layers import LayerKit
from symdyn_core.models import ForecasterSpec, ResNet
from symdyn_core.models.resnet import PAPER_MULTIPLIERS
from symdyn_core.training import Settings

FRACTIONS = (0.6, 0.2, 0.2)
"""Shares of the frames to train, validate and test on, in the order of time."""

FORECAST_STEPS = 10
"""Frames of a tested forecast (Wang et al. 2021)."""


@dataclass(frozen=True)
class Budget:
    """The same sizes and the same number of updates for every model of a comparison.

    Attributes:
        parameters: trainable numbers; the width of each kit is solved for them within 5 %.
        past: input frames.
        multipliers: widths of the residual blocks in units of the first.
        settings: of the training run; the seed is set for each run.
    """

    parameters: int
    past: int
    multipliers: tuple[int, ...]
    settings: Settings

    def specification(
        self, kit: LayerKit, *, architecture=ResNet, predicts: str = "increment"
    ) -> ForecasterSpec:
        """The forecaster over a kit that spends this budget."""
        spec = ForecasterSpec(
            architecture,
            kit,
            self.past,
            1,
            self.multipliers,
            predicts,  # type: ignore[arg-type]
        )
        return spec.fitted_to(self.parameters)

    def seeded(self, seed: int) -> Settings:
        """The settings with another seed."""
        return replace(self.settings, seed=seed)


SMOKE = Budget(
    parameters=5_000,
    past=4,
    multipliers=(1,),
    settings=Settings(updates=20, updates_per_epoch=10, batch=4, rollout_steps=2),
)
"""Seconds: does the whole road work?"""

SMALL = Budget(
    parameters=39_500,
    past=8,
    multipliers=(1, 1, 1, 1),
    settings=Settings(
        updates=2000,
        updates_per_epoch=200,
        batch=8,
        rollout_steps=3,
        learning_rate=2e-3,
        decay=0.8,
        precision="bf16-mixed",
        checkpoint_every=50,
    ),
)
"""Two processor cores, within an hour or so a model."""

PAPER = Budget(
    parameters=11_000_000,
    past=24,
    multipliers=PAPER_MULTIPLIERS,
    settings=Settings(
        updates=40_000,
        updates_per_epoch=None,
        batch=16,
        rollout_steps=4,
        learning_rate=1e-3,
        decay=0.95,
        patience=10,
        precision="bf16-mixed",
        checkpoint_every=500,
    ),
)
"""One GPU: the sizes of Wang et al. (2021)."""

BUDGETS = {"smoke": SMOKE, "small": SMALL, "paper": PAPER}


def budget_named(name: str) -> Budget:
    """The budget of a preset.

    Raises:
        ValueError: no such preset.
    """
    if name not in BUDGETS:
        raise ValueError(f"Unknown preset {name!r}; choose from {', '.join(BUDGETS)}.")
    return BUDGETS[name]
