"""The form that starts a small training."""

import asyncio
from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from symdyn_core.experiments.candidates import candidates
from symdyn_core.experiments.training_wish import SEED, UPDATES

from .. import trainings
from ..model import ARCHITECTURES
from .runs_words import short_kind
from .sizes import letters

SIZES = {"Small (6 000)": 6_000, "As the zoo (11 600)": 11_600, "Large (25 000)": 25_000}
"""Trainable parameters."""

SIZE_TIP = (
    "Trainable parameters. The width of the layers is solved for them, so that networks of "
    "different symmetries are equally large."
)
UPDATES_TIP = "Steps of the optimiser, 8 windows each. 200 take a few minutes."


class StartForm:
    """Choices of a small training.

    Args:
        started: told the folder of a training that has begun.
        complain: told what went wrong, in one line.
    """

    def __init__(self, started: Callable, complain: Callable[[str], None]):
        self.started, self.complain = started, complain
        flows = {source.label: source for source in trainings.offered()}
        kits = {short_kind(one.name).capitalize(): one.name for one in candidates()}
        self.data = pmui.Select(label="Data", options=flows, size="small", **letters(13))
        self.symmetry = pmui.Select(label="Built in", options=kits, size="small", **letters(10.6))
        self.architecture = pmui.Select(
            label="Architecture", options={text: name for name, text in ARCHITECTURES.items()},
            size="small", **letters(7.5),
        )  # fmt: skip
        self.parameters = pmui.Select(
            label="Size", options=SIZES, value=SIZES["As the zoo (11 600)"], size="small",
            description=SIZE_TIP, **letters(11.9),
        )  # fmt: skip
        self.updates = pmui.IntInput(
            label="Updates", value=200, start=UPDATES[0], end=UPDATES[1], step=50, size="small",
            description=UPDATES_TIP, **letters(7.5),
        )  # fmt: skip
        self.seed = pmui.IntInput(
            label="Seed", value=0, start=SEED[0], end=SEED[1], size="small",
            description="Decides the first weights and the order of the samples.", **letters(6.5),
        )  # fmt: skip
        self.button = pmui.Button(label="Start training", icon="play_arrow", size="small")
        self.button.on_click(self._start)
        fields = (
            self.data, self.symmetry, self.architecture, self.parameters, self.updates, self.seed
        )  # fmt: skip
        self.opener = pmui.Button(
            label="Start a small training", icon="add", variant="outlined", size="small"
        )
        self.opener.on_click(self._turn)
        self.fields = pn.FlexBox(
            *fields, self.button, align_items="center", gap="8px", visible=False, margin=(4, 10)
        )
        self.card = pmui.Column(self.opener, self.fields, sizing_mode="stretch_width", margin=0)

    def _turn(self, *_events) -> None:
        """Show the choices, or put them away."""
        self.fields.visible = not self.fields.visible

    async def _start(self, _event) -> None:
        self.button.disabled = True
        try:
            folder = await asyncio.to_thread(
                trainings.start,
                self.data.value,
                symmetry=self.symmetry.value,
                architecture=self.architecture.value,
                parameters=self.parameters.value,
                updates=self.updates.value,
                seed=self.seed.value,
            )
        except (ValueError, FileNotFoundError, OSError) as error:
            self.complain(str(error).splitlines()[0])
        else:
            self._turn()
            await self.started(folder)
        finally:
            self.button.disabled = False
