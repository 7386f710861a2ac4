"""What the page in a real browser shows, timed inside the browser."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
WATCH = (Path(__file__).parent / "watch.js").read_text()
LEADS = 10
OPENING = 1.0
"""For a new window to come to rest [s]."""

PAUSES = 0.05, 0.6
"""Between two moves of the slider, at random: some fall into the rollout of the last one [s]."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, without a display and without a GPU."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield opened
        finally:
            opened.close()


def opened_page(browser: Browser) -> Page:
    """A page of a laptop, with nothing in its cache, that can time itself."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(WATCH)
    return page


def first_pages(browser: Browser, address: str, count: int) -> list[float]:
    """Milliseconds from asking for the page to pictures and numbers, for first-time visitors.

    Nothing is in their cache; their window is open, as it is where an address is typed: what
    starting a browser takes is not the page's.
    """
    times = []
    for _ in range(count):
        page = opened_page(browser)
        time.sleep(OPENING)
        page.goto(address, wait_until="commit")
        times.append(page.evaluate("window.symdynWatch.first()"))
        page.context.close()
        time.sleep(0.5)
    return times


def settled_page(browser: Browser, address: str) -> Page:
    """A page that shows its first rollout, with the slider of the angle under the keys."""
    page = opened_page(browser)
    page.goto(address)
    page.evaluate(f"window.symdynWatch.until((now) => now.available === {LEADS})")
    page.get_by_role("slider", name="angle").focus()
    return page


def moves(page: Page, count: int, seed: int = 0) -> dict[str, list[float]]:
    """Milliseconds from a key press on the slider to what it changes, each at a new angle."""
    pauses, times = random.Random(seed), {"pictures": [], "all": []}
    for _ in range(count):
        _press(page)
        found = page.evaluate("window.symdynMove")
        for name in times:
            times[name].append(found[name])
        time.sleep(pauses.uniform(*PAUSES))
    return times


def rollouts(page: Page, count: int) -> tuple[list[float], list[int]]:
    """Milliseconds from a key press to all leads, and in how many steps they came."""
    times, steps = [], []
    for _ in range(count):
        _press(page)
        arrivals = page.evaluate(
            f"window.symdynMove.then(({{began}}) => window.symdynWatch.rollout(began, {LEADS}))"
        )
        times.append(arrivals[-1][1])
        steps.append(len(arrivals))
        time.sleep(0.3)
    return times, steps


def frame_rates(page: Page, count: int, seconds: float = 3.0) -> list[float]:
    """Frames of the rollout per second, at the fastest speed of the player."""
    page.locator("select.speed").select_option("30")
    page.get_by_role("button", name="Play the forecast").click()
    rates = [page.evaluate(f"window.symdynWatch.frames({1000 * seconds})") for _ in range(count)]
    page.get_by_role("button", name="Pause").click()
    return rates


def _press(page: Page) -> None:
    """Turn by one degree, while the page takes the time."""
    page.evaluate("() => { window.symdynMove = window.symdynWatch.move() }")
    page.keyboard.press("ArrowRight")
