"""The page of data: open, send, look at and cut flows, and use them at once."""

import io
from functools import partial
from html import escape
from pathlib import Path

import panel as pn
import panel_material_ui as pmui

from symdyn_core.datasets.patches import Patch
from symdyn_core.untrusted.intake import shown

from .. import intake
from ..flows import Source, free_key, open_source
from ..jobs import JOBS
from ..operator import operator
from ..upload_box import UploadBox
from ..uploads import Incoming, Uploads
from . import data_words, panel
from .data_patch import PatchCard

CARD = {"flex": "1 1 420px", "min-width": "300px"}


class Data(panel.Panel):
    """The chosen flow, others of the visitor's own, and patches of both."""

    key, title, icon = "data", "Data", "storage"
    about = "Open, send, inspect and cut flows."
    sections = ("flow",)

    def __init__(self, session, settings):
        super().__init__(session, settings)
        self.uploads = Uploads()
        self.subject: intake.Subject | None = None
        self.wanted: Source | None = None
        html = {"stylesheets": [data_words.STYLE], "sizing_mode": "stretch_width"}
        self.words = pn.pane.HTML(data_words.waiting("Opening …"), **html)
        self.symmetries, self.report = pn.pane.HTML("", **html), pn.pane.HTML("", **html)
        self.patches = PatchCard(self._cut)
        self.place = pmui.TextInput(
            label="Path or address", placeholder="flows/currents.nc", size="small",
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.open_button = pmui.Button(label="Open", icon="folder_open", variant="outlined")
        self.open_button.on_click(self._open)
        self.place.param.watch(self._open, "enter_pressed")
        self.box = UploadBox(
            self.uploads, self._take, limit_mb=operator().upload_mb, margin=(5, 10),
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.save = pmui.FileDownload(
            callback=self._page, filename="report.html", label="Save it as a page",
            variant="outlined", size="small", visible=False,
        )  # fmt: skip
        self.state.param.watch(self._chosen, "data")

    def __panel__(self):
        left = pmui.Column(self.patches, styles=CARD, margin=(0, 10))
        right = pmui.Column(*self._bring(), self.symmetries, styles=CARD, margin=(0, 10))
        return pmui.Column(
            self.words,
            pn.FlexBox(left, right),
            pmui.Row(
                pn.pane.HTML("<h3>Report</h3>", stylesheets=[data_words.STYLE], margin=(6, 10)),
                self.save,
            ),
            self.report,
            sizing_mode="stretch_width",
            margin=(4, 10),
        )

    def _bring(self) -> list:
        """The ways to bring a flow, as far as the operator allows them."""
        told = operator()
        parts: list = [_text("<h3>Bring a flow</h3>")]
        if told.allow:
            places = ", ".join(told.allow)
            parts += [
                pmui.Row(self.place, self.open_button, sizing_mode="stretch_width", margin=0),
                _text(f"<p>From {escape(places)}.</p>"),
            ]
        if told.upload_mb:
            parts += [
                self.box,
                _text("<p>Only you see it; it is deleted when you close this page.</p>"),
            ]
        if len(parts) == 1:
            parts.append(_text("<p>This server takes no flows of its visitors.</p>"))
        return parts

    async def shown(self) -> None:
        if self.subject is None or self.subject.source != self.state.source:
            await self._chosen()

    def left(self) -> None:
        super().left()
        intake.forget(self.uploads.folder)
        self.uploads.close()

    async def _chosen(self, *_events) -> None:
        """The flow of the state is looked at."""
        if self.state.page == self.key:
            await self._look(self.state.source)

    async def _look(self, source: Source) -> None:
        """Show a flow, as the report arrives; one that was asked for later comes in its place."""
        self.leave()
        self.wanted = source
        self.words.object = data_words.waiting(f"Opening {source.label} …")
        try:
            subject = await intake.apart(intake.looked_at, source)
        except (ValueError, FileNotFoundError) as error:
            if source is self.wanted:
                self._complain(error)
            return
        if source is not self.wanted:
            return
        self.subject = subject
        with pn.io.hold():
            self.words.object = data_words.introduction(subject)
            self.symmetries.object = data_words.symmetry_table(subject.kin)
            self.patches.look_at(subject)
        self.follow(self._follow(source))

    async def _follow(self, source: Source) -> None:
        self.save.visible = False
        self.report.object = data_words.waiting("Reading all frames …")
        job = JOBS.get(intake.report_key(source.path), partial(intake.report_steps, source.path))
        async for _ in self.changes(job):
            if job.error:
                self.report.object = data_words.waiting(job.error)
            elif job.result is not None:
                self.report.object = data_words.report_html(job.result)
                self.save.visible = bool(job.result.page)

    def _page(self) -> io.BytesIO:
        """The report as a page of its own."""
        source = self.subject.source
        job = JOBS.get(intake.report_key(source.path), partial(intake.report_steps, source.path))
        return io.BytesIO(job.result.page.encode() if job.result else b"")

    async def _open(self, *_events) -> None:
        """A path or an address that the operator allows."""
        self.open_button.disabled = True
        try:
            path = await intake.apart(intake.opened_place, self.place.value_input)
            await self._use(self._source(path, Path(path.rstrip("/")).name), explore=False)
        except (ValueError, FileNotFoundError) as error:
            self._complain(error)
        finally:
            self.open_button.disabled = False

    async def _take(self, incoming: Incoming) -> str:
        """A file that has arrived; returns what to say about it."""
        target = self.uploads.new_place().with_suffix(".zarr")
        await intake.apart(intake.taken, incoming, target, lambda: self.box.wanted)
        await self._use(self._source(str(target), shown(incoming.name)), explore=False)
        return f"'{shown(incoming.name)}' is open, as a flow of yours."

    async def _cut(self, patch: Patch) -> None:
        if self.subject is None:
            return
        source = self.subject.source
        target = self.uploads.new_place().with_suffix(".zarr")
        try:
            self.uploads.check_room(patch.nbytes)
            await intake.apart(intake.cut_out, source, patch, target)
            title = f"{source.label}, patch"
            await self._use(self._source(str(target), title, source.family), explore=True)
        except (ValueError, FileNotFoundError) as error:
            self._complain(error)

    def _source(self, path: str, title: str, family: str = "") -> Source:
        """A flow of this visitor, under a key and title that are not taken."""
        keys = {source.key for source in self.state.sources}
        titles = {source.label for source in self.state.sources}
        numbered = [title, *(f"{title} {n}" for n in range(2, 100))]
        free = next((text for text in numbered if text not in titles), title)
        return Source(free_key(title, keys), path, family=family, title=free)

    async def _use(self, source: Source, *, explore: bool) -> None:
        """Make a flow the chosen one; one that is too large is only looked at."""
        subject = await intake.apart(intake.looked_at, source)
        if subject.large:
            await self._look(source)
            return
        self.uploads.hold(subject.seen.nbytes)
        await intake.apart(open_source, source)
        self.state.add_source(source)
        if explore:
            self.session.inform("The patch is the flow now.")
            self.session.open("explore")

    def _complain(self, error: Exception) -> None:
        line = str(error).splitlines()[0]
        self.session.complain(line)
        if self.subject is not None:
            self.words.object = data_words.introduction(self.subject)
        else:
            self.words.object = data_words.waiting(line)


def _text(html: str):
    return pn.pane.HTML(html, stylesheets=[data_words.STYLE], sizing_mode="stretch_width")
