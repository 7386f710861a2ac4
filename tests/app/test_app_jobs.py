"""Long computations: they go on while somebody looks at them, rest when nobody does, and go on."""

import asyncio
import gc
import time
from threading import Event

import param
import pytest

pytest_plugins = ("dashboard_fixtures",)

STEPS = 60
STEP = 0.01
"""Seconds of a step."""


@pytest.fixture
def jobs(monkeypatch):
    """The module, in which a job rests sooner and gives way oftener."""
    from app import jobs

    monkeypatch.setattr(jobs, "ALONE", 0.15)
    monkeypatch.setattr(jobs, "LOOK", 0.02)
    monkeypatch.setattr(jobs, "TURN", 0.05)
    return jobs


class Counting:
    """Steps that count how often they were begun and how far they went."""

    def __init__(self, steps: int = STEPS):
        self.steps, self.begun, self.at, self.closed = steps, 0, 0, False

    def __call__(self):
        self.begun += 1
        try:
            for done in range(1, self.steps + 1):
                time.sleep(STEP)
                self.at = done
                yield self.at / self.steps, self.at
        finally:
            self.closed = True


async def until(holds) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


async def follow(jobs, *wanted, there=lambda: True) -> None:
    async for _ in jobs.changes(wanted, there):
        pass


def test_a_job_nobody_looks_at_rests_and_goes_on_from_there(jobs):
    async def story():
        counting = Counting()
        job = jobs.Job(counting)
        await until(lambda: job.resting)
        reached = counting.at
        assert 0 < reached < STEPS and not job.done and not counting.closed
        assert (job.result, job.fraction) == (reached, reached / STEPS)
        await asyncio.sleep(0.2)
        assert counting.at == reached, "it rests"
        await follow(jobs, job)
        assert job.done and job.result == STEPS and counting.begun == 1

    asyncio.run(story())


def test_a_job_that_is_followed_goes_on_to_its_end(jobs):
    """The control: as long, in the same time, and never at rest."""

    async def story():
        counting = Counting()
        job = jobs.Job(counting)
        seen = []
        async for _ in jobs.changes([job]):
            seen.append((job.fraction, job.result))
            assert not job.resting
        assert job.done and seen[-1] == (1.0, STEPS) and len(seen) > 3
        assert seen == sorted(seen, key=lambda pair: pair[0])

    asyncio.run(story())


def test_one_of_two_followers_leaves_and_then_the_other(jobs):
    async def story():
        counting = Counting(10_000)
        job = jobs.Job(counting)
        stay, go = (asyncio.ensure_future(follow(jobs, job)) for _ in range(2))
        await until(lambda: counting.at > 3)
        go.cancel()
        await asyncio.sleep(3 * jobs.ALONE)
        reached = counting.at
        await until(lambda: counting.at > reached + 5)
        assert not job.resting
        stay.cancel()
        await until(lambda: job.resting)
        job.cancel()
        assert job.done and counting.closed

    asyncio.run(story())


def test_a_follower_who_is_lost_is_not_waited_for(jobs):
    async def story():
        job = jobs.Job(Counting(10_000))
        changes = jobs.changes([job])
        await anext(changes)
        del changes
        gc.collect()
        await until(lambda: job.resting)

    asyncio.run(story())


def test_a_page_that_no_browser_shows_keeps_nothing_going(jobs):
    async def story():
        there, job = [True], jobs.Job(Counting(10_000))
        following = asyncio.ensure_future(follow(jobs, job, there=lambda: there[0]))
        await asyncio.sleep(3 * jobs.ALONE)
        assert not job.resting
        there[0] = False
        await until(lambda: job.resting)
        there[0] = True  # the connection is back
        await until(lambda: not job.resting)
        following.cancel()

    asyncio.run(story())


def test_a_long_job_holds_up_no_short_one(jobs):
    async def story():
        long, short = jobs.Job(Counting(10_000)), jobs.Job(Counting(3))
        both = asyncio.ensure_future(follow(jobs, long, short))
        await until(lambda: short.done)
        assert short.result == 3 and not long.done and not long.resting
        both.cancel()

    asyncio.run(story())


def test_all_of_several_jobs_are_looked_at(jobs):
    async def story():
        wanted = [jobs.Job(Counting(40)) for _ in range(3)]
        await asyncio.wait_for(follow(jobs, *wanted), 60)
        assert [job.result for job in wanted] == [40, 40, 40]

    asyncio.run(story())


def test_a_job_waiting_in_line_that_nobody_wants_any_longer_is_not_begun(jobs):
    async def story():
        blocked = Event()

        def blocking():
            blocked.wait(60)
            yield 1.0, None

        first, counting = jobs.Job(blocking), Counting()
        waiting = jobs.Job(counting)
        await asyncio.sleep(2 * jobs.ALONE)
        blocked.set()
        await follow(jobs, first)
        await until(lambda: waiting.resting)
        assert counting.begun == 0
        await follow(jobs, waiting)
        assert waiting.result == STEPS, "the control: it begins with the next look"

    asyncio.run(story())


def test_a_failure_is_one_line_and_is_tried_again(jobs):
    def failing():
        yield 0.5, "half"
        raise ValueError("the first line\nthe second")

    async def story():
        shelf = jobs.Jobs()
        job = shelf.get("key", failing)
        await follow(jobs, job)
        assert (job.error, job.result, job.fraction) == ("the first line", "half", 0.5)
        again = shelf.get("key", Counting(2))
        assert again is not job
        await follow(jobs, again)
        assert shelf.get("key", failing) is again and again.result == 2

    asyncio.run(story())


def test_jobs_at_rest_make_room_and_followed_ones_stay(jobs):
    async def story():
        shelf, left = jobs.Jobs(kept=2), Counting(10_000)
        resting = shelf.get("left", left)
        await until(lambda: resting.resting)
        followed = shelf.get("followed", Counting(10_000))
        following = asyncio.ensure_future(follow(jobs, followed))
        for n in range(3):
            await follow(jobs, shelf.get(n, Counting(1)))
        assert resting.done and left.closed, "the one that nobody looked at is dropped"
        assert shelf.get("followed", Counting()) is followed and not followed.done
        following.cancel()
        shelf.clear()
        await until(lambda: followed.done)

    asyncio.run(story())


@pytest.fixture
def session(data, jobs, monkeypatch):
    """A visitor whose audits are steps that count, with a loop in which he is answered."""
    from app import audits
    from app.flows import sources
    from app.page import Session

    loop = asyncio.new_event_loop()
    monkeypatch.setattr(param.parameterized, "async_executor", lambda f: loop.create_task(f()))
    counting = Counting(10_000)

    def steps(*_asked):
        for fraction, _ in counting():
            yield fraction, audits.Curve()

    monkeypatch.setattr(audits, "curve_steps", steps)
    monkeypatch.setattr(audits, "inside_steps", lambda *_: iter([(1.0, audits.Inside())]))
    jobs.JOBS.clear()
    made = Session(sources())
    made.page()
    yield made, counting, loop
    made._left(None)
    loop.run_until_complete(asyncio.sleep(0))
    jobs.JOBS.clear()
    loop.close()


async def goes_on(counting, jobs) -> bool:
    """Whether steps are made once those who left are no longer waited for."""
    await asyncio.sleep(4 * jobs.ALONE)
    reached = counting.at
    await asyncio.sleep(4 * jobs.ALONE)
    return counting.at > reached


# Of two libraries of widgets, one of which calls the other in its old ways.
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_visitor_who_goes_leaves_nothing_going(session, jobs, monkeypatch):
    visitor, counting, loop = session
    browsers = [1]

    async def story():
        visitor.open("audit")
        await until(lambda: counting.at > 3)
        panel = visitor.panel("audit")
        assert await goes_on(counting, jobs), "the control: he stays"
        panel.hidden()  # another page is in front
        assert not await goes_on(counting, jobs)
        await panel.shown()
        assert await goes_on(counting, jobs) and counting.begun == 2, "a curve for each model"
        browsers.clear()
        assert not await goes_on(counting, jobs), "the browser was closed"
        browsers.append(1)
        assert await goes_on(counting, jobs), "and came back"
        visitor._left(None)
        assert not await goes_on(counting, jobs) and counting.begun == 2

    visitor._document = "of a server"
    monkeypatch.setattr("app.page.connected", lambda _document: bool(browsers))
    loop.run_until_complete(story())
