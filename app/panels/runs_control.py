"""The buttons that cancel a training under way and continue one that was stopped."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from html import escape

import panel as pn
import panel_material_ui as pmui

from symdyn_core.experiments.run_records import RunRecord

from .. import trainings
from ..operator import operator


class RunControl:
    """Cancel and continue, for visitors who may.

    Args:
        starter: the visitor, with what he has started.
        inform, complain: told what happened, in one line.
        changed: called when a training was cancelled or goes on.
    """

    def __init__(
        self,
        starter: trainings.Starter,
        inform: Callable[[str], None],
        complain: Callable[[str], None],
        changed: Callable[[], Awaitable[None]],
    ):
        self.starter, self.inform, self.complain = starter, inform, complain
        self.changed = changed
        self.busy: list[RunRecord] = []
        self.chosen: RunRecord | None = None
        self.cancel = pmui.Button(
            label="Cancel the training", icon="stop", color="error", variant="outlined",
            size="small", visible=False, description="It saves its state and stops.",
        )  # fmt: skip
        self.cancel.on_click(self._cancel)
        self.go_on = pmui.Button(
            label="Continue", icon="play_arrow", variant="outlined", size="small", visible=False,
            description="The training goes on from its last checkpoint to the updates it was "
            "started with, as if it had not been stopped.",
        )  # fmt: skip
        self.go_on.on_click(self._resume)
        self.why = pn.pane.HTML("", sizing_mode="stretch_width", visible=False)

    def barred(self, records: Sequence[RunRecord]) -> list[RunRecord]:
        """Trainings under way that this visitor may not cancel: others started them, and are here.

        It reads the disk.
        """
        if not operator().allow_training:
            return []
        theirs = [record for record in records if record.running and trainings.own(record)]
        return [record for record in theirs if not self.starter.may_act_on(record.folder)]

    def update(
        self, busy: Sequence[RunRecord], barred: Sequence[RunRecord], chosen: RunRecord | None
    ) -> None:
        """Offer what may be done now."""
        self.busy = [record for record in busy if trainings.own(record)]
        self.chosen = chosen
        allowed = operator().allow_training and bool(self.busy)
        self.cancel.visible = allowed and not barred
        self.why.object = f"<p>{escape(trainings.NOT_YOURS)}</p>"
        self.why.visible = allowed and bool(barred)
        self.go_on.visible = chosen is not None and trainings.continuable(chosen)

    async def _cancel(self, _event) -> None:
        for record in self.busy:
            await self._done(self.starter.cancel, record, "The training saves its state and stops.")
        await self.changed()

    async def _resume(self, _event) -> None:
        self.go_on.disabled = True
        try:
            if self.chosen is not None:
                said = "The training goes on; it does so when you close this page."
                await self._done(self.starter.resume, self.chosen, said)
                await self.changed()
        finally:
            self.go_on.disabled = False

    async def _done(self, act: Callable[[RunRecord], None], record: RunRecord, said: str) -> None:
        try:
            await asyncio.to_thread(act, record)
            self.inform(said)
        except (ValueError, OSError) as error:
            self.complain(str(error).splitlines()[0])
