"""Budgets of training: what every model of a comparison gets, whatever its symmetry."""

from dataclasses import dataclass, replace

from symdyn_core.layers import LayerKit
from symdyn_core.models import ForecasterSpec, ResNet, UNet, resnet, unet
from symdyn_core.models.wrappers import WrapperSpec
from symdyn_core.training import Settings

FRACTIONS = (0.6, 0.2, 0.2)
"""Shares of the frames to train, validate and test on, in the order of time."""

FORECAST_STEPS = 10
"""Frames of a tested forecast (Wang et al. 2021)."""


@dataclass(frozen=True)
class Size:
    """How large a network of one architecture is.

    Attributes:
        parameters: trainable numbers; the width of each kit is solved for them within 5 %.
        multipliers: widths of the residual blocks or levels in units of the first.
    """

    parameters: int
    multipliers: tuple[int, ...]


@dataclass(frozen=True)
class Budget:
    """The same sizes and the same number of updates for every model of a comparison.

    Attributes:
        resnet, unet: sizes of the two architectures.
        past: input frames.
        settings: of the training run; the seed is set for each run.
    """

    resnet: Size
    unet: Size
    past: int
    settings: Settings

    def specification(
        self,
        kit: LayerKit,
        *,
        architecture=ResNet,
        predicts: str = "increment",
        wrappers: tuple[WrapperSpec, ...] = (),
    ) -> ForecasterSpec:
        """The forecaster over a kit that spends this budget."""
        size = self.unet if architecture is UNet else self.resnet
        spec = ForecasterSpec(
            architecture,
            kit,
            self.past,
            1,
            size.multipliers,
            predicts,  # type: ignore[arg-type]
            wrappers=wrappers,
        )
        return spec.fitted_to(size.parameters)

    def sized(self, parameters: int) -> "Budget":
        """The budget with networks of another size."""
        return replace(
            self,
            resnet=replace(self.resnet, parameters=parameters),
            unet=replace(self.unet, parameters=parameters),
        )

    def seeded(self, seed: int) -> Settings:
        """The settings with another seed."""
        return replace(self.settings, seed=seed)


SMOKE = Budget(
    resnet=Size(9_300, (1, 2)),
    unet=Size(8_300, (1, 2)),
    past=4,
    settings=Settings(updates=20, updates_per_epoch=10, batch=4, rollout_steps=2),
)
"""Seconds: does the whole road work?"""

TRIAL = Budget(
    resnet=Size(11_600, (1, 1, 1, 2)),
    unet=Size(16_400, (1, 2, 4)),
    past=4,
    settings=Settings(
        updates=200,
        updates_per_epoch=20,
        batch=8,
        rollout_steps=2,
        learning_rate=2e-3,
        decay=0.9,
        validation_windows=16,
        checkpoint_every=10,
    ),
)
"""Minutes, on as few frames as a demo flow has: what a visitor of the dashboard may start."""

SMALL = Budget(
    resnet=Size(11_600, (1, 1, 1, 2)),
    unet=Size(16_400, (1, 2, 4)),
    past=8,
    settings=Settings(
        updates=1600,
        updates_per_epoch=200,
        batch=8,
        rollout_steps=3,
        learning_rate=2e-3,
        decay=0.8,
        validation_windows=32,
        precision="bf16-mixed",
        checkpoint_every=50,
    ),
)
"""Two processor cores, a few minutes to an hour a model."""

PAPER = Budget(
    resnet=Size(11_000_000, resnet.PAPER_MULTIPLIERS),
    unet=Size(6_200_000, unet.PAPER_MULTIPLIERS),
    past=24,
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

BUDGETS = {"smoke": SMOKE, "trial": TRIAL, "small": SMALL, "paper": PAPER}


def budget_named(name: str) -> Budget:
    """The budget of a preset.

    Raises:
        ValueError: no such preset.
    """
    if name not in BUDGETS:
        raise ValueError(f"Unknown preset {name!r}; choose from {', '.join(BUDGETS)}.")
    return BUDGETS[name]
