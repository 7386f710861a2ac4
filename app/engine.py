"""Latest wins: what is asked for last is computed first, and forecasts arrive step by step.

Torch works in threads that all sessions share, so that a slow model holds nobody else up. While a
slider moves only one-step forecasts are made; once it rests the rollout is completed, unless
another question comes in between.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from weakref import WeakKeyDictionary

from . import catalogue
from .arrival import Arrival, first, known, prepared
from .compute import Answer, Comparison, Scores, compare
from .lanes import FORECASTS, LATER, PACE, URGENT
from .logs import LOG
from .pictures import Display, Painter
from .results import Results
from .rollouts import forecast_together
from .scene import Question

REST, LONG_REST = 0.3, 0.6
"""Seconds without a new question after which a slider is taken to rest: alone, and in a crowd."""

ACKNOWLEDGED = 0.001
"""Seconds that a browser is left to be told that its question has come."""

CROWD = 3
"""Visitors who asked within the last second from which on rollouts wait longer: all of them move
their sliders on, and first steps come before what nobody may look at."""

ASKED: WeakKeyDictionary["Engine", float] = WeakKeyDictionary()
"""When each visitor asked last."""


class Engine:
    """Answers the questions of one session.

    Args:
        draw: called in the session with each arrival.
        complain: called with one line when a question cannot be answered; what was drawn stays.
    """

    def __init__(self, draw: Callable[[Arrival], None], complain: Callable[[str], None]):
        self.draw, self.complain = draw, complain
        self.results: Results | None = None
        self.painter: Painter | None = None
        self._wanted: tuple[Question, Display] | None = None
        self._rests: asyncio.Event | None = None
        self.busy = False
        self._watched = True

    async def prepare(self, question: Question, display: Display) -> None:
        """Answer with one step before the page is there; ``go_on`` is to follow.

        The other leads would take the processors while a browser builds the page.
        """
        self._watched = False
        await self.ask(question, display)

    async def go_on(self, question: Question, display: Display) -> None:
        """The page is there: complete what was prepared, or answer if that failed."""
        self._watched = True
        if self.busy:
            return  # and it now goes on by itself
        if self.results is None:
            await self.ask(question, display)
        else:
            await self._while_busy(self._completed)

    async def ask(self, question: Question, display: Display) -> None:
        """Answer, or leave word for the answering already under way."""
        self._wanted = question, display
        if self._rests is not None:
            self._rests.set()
        ASKED[self] = time.monotonic()
        await self._while_busy(self._all_wanted)

    async def _while_busy(self, work: Callable[[], Coroutine]) -> None:
        """Do some work, unless work is under way already, which then goes on with what is new."""
        if self.busy:
            return
        self.busy = True
        try:
            await work()
        finally:
            self.busy = False

    async def _completed(self) -> None:
        await self._guarded(self._rest(), "the rollout")
        await self._all_wanted()

    async def _all_wanted(self) -> None:
        while self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            await self._answer(*wanted)

    async def _answer(self, question: Question, display: Display) -> None:
        await self._guarded(self._answered(question, display), question)

    async def _answered(self, question: Question, display: Display) -> None:
        shown = self.results.comparison if self.results is not None else None
        if shown is None or shown.question != question or not shown.current:
            await self._first(question, display)
        else:
            await self._drawn(self.results, display, range(1, self.results.leads + 1))
        await self._rest()

    async def _guarded(self, work: Coroutine, what: object) -> None:
        """Say what went wrong, once there is somebody to read it."""
        try:
            await work
        except (ValueError, FileNotFoundError) as error:
            if self._watched:
                self.complain(str(error).splitlines()[0])
        except Exception:
            LOG.exception("could not answer %s", what)
            if self._watched:
                self.complain(
                    "Something went wrong in the computation; the log of the server says what."
                )

    async def _first(self, question: Question, display: Display) -> None:
        """The one-step forecasts."""
        arrival = known(question, display)
        if arrival is not None:
            # While a browser is told that its question has come, Panel takes no message for it and
            # looks again after ten milliseconds only.
            await asyncio.sleep(ACKNOWLEDGED)
        else:
            comparison = await FORECASTS.run(compare, question)
            await self._forecast(comparison, 1, URGENT)
            arrival = await FORECASTS.run(first, comparison, display)
        self._show(arrival)

    async def _rest(self) -> None:
        """The other leads, as long as nobody asks for something else."""
        results, painter = self.results, self.painter
        if results is None or painter is None or self._wanted is not None or not self._watched:
            return
        if results.leads >= results.comparison.steps:
            return
        self._rests = asyncio.Event()  # of the loop that is running
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rests.wait(), resting_time())
        while results.leads < results.comparison.steps and self._wanted is None:
            comparison = results.comparison
            made = max(results.leads + 1, comparison.leads)
            if not await self._unasked(self._forecast(comparison, made, LATER)):
                return
            leads = range(results.leads + 1, made + 1)
            await self._drawn(results, painter.display, leads, painter)

    async def _unasked(self, work: Coroutine) -> bool:
        """Whether some work was done before anybody asked for something else.

        Nobody waits for the rest of it then: threads that have begun finish it, and it is kept.
        """
        assert self._rests is not None
        task, asked = asyncio.ensure_future(work), asyncio.ensure_future(self._rests.wait())
        try:
            await asyncio.wait((task, asked), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
            return task.done()
        finally:
            task.cancel()
            asked.cancel()

    async def _forecast(self, comparison: Comparison, lead: int, urgency: int) -> None:
        """Both models at once, each in its own thread, with others who wait for the same model."""
        question = comparison.question
        asked = (question.model_a, comparison.a), (question.model_b, comparison.b)
        forecasts = []
        for name, answer in asked:
            trusted = not catalogue.model(name).place
            lane = PACE.lane(name, trusted=trusted)
            # What the operator's own models make of windows side by side is not for us to say.
            alike = (id(answer.moved.forecaster), lead) if trusted else object()
            forecasts.append(lane.run(_timed, name, answer, lead, urgency=urgency, together=alike))
        await asyncio.gather(*forecasts)

    async def _drawn(
        self, results: Results, display: Display, leads: range, painter: Painter | None = None
    ) -> None:
        self._show(await FORECASTS.run(prepared, results, display, leads, painter))

    def _show(self, arrival: Arrival) -> None:
        self.results, self.painter = arrival.results, arrival.painter
        self.draw(arrival)


def resting_time() -> float:
    """Seconds after an answer until the other leads are begun."""
    now = time.monotonic()
    return LONG_REST if sum(now - at < 1 for at in ASKED.values()) >= CROWD else REST


def _timed(asked: list[tuple[str, Answer, int]]) -> list[Scores]:
    """The scores of (model, answer, lead), of one model and lead; what they took is noted."""
    name, _, lead = asked[0]
    answers = [answer for _, answer, _ in asked]
    made, began = sum(answer.moved.leads for answer in answers), time.perf_counter()
    if len(answers) > 1:
        forecast_together([rolled for a in answers for rolled in (a.moved, a.recorded)], lead)
    scores = [answer.scores(lead) for answer in answers]
    if new := sum(answer.moved.leads for answer in answers) - made:
        PACE.note(name, (time.perf_counter() - began) / new)
    return scores
