"""The served page in a real browser: a slider moves pictures and numbers, and nothing goes out."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

pytest_plugins = ("dashboard_fixtures",)

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PATIENCE = 240_000
"""Milliseconds: a slow machine is no error."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]


@pytest.fixture
def address(data, tmp_path):
    """The address of the dashboard, served as by `panel serve app/`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "panel", "serve", str(ROOT / "app"), "--port", str(port)]
    environment = {**os.environ, "SYMDYN_DATA": str(data), "OMP_NUM_THREADS": "1"}
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, "--liveness"], env=environment, cwd=tmp_path, stdout=log, stderr=log
        )
        try:
            _wait_for(f"http://localhost:{port}/liveness", server)
            yield f"http://localhost:{port}/app"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(url: str, server: subprocess.Popen) -> None:
    for _ in range(240):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the server did not answer")


@pytest.fixture
def page():
    """A page of a fresh browser that notes errors and requests to other hosts."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(PATIENCE)
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("request", lambda request: _note_outside(page, request.url))
        yield page
        browser.close()


def _note_outside(page, url: str) -> None:
    if not re.match(r"(http|ws)://localhost[:/]|data:|blob:", url):
        page.problems.append(f"request to {url}")


def wait_for_rollout(page, after: int = 0) -> int:
    """Wait for all ten leads of a picture later than ``after``; returns its generation."""
    page.wait_for_function(
        """(after) => window.symdynProbe(after)""",
        arg=after,
    )
    return int(page.locator(".symdyn").get_attribute("data-generation"))


PROBE = """
window.symdynProbe = (after) => {
  const found = [], search = (node) => {
    for (const child of node.querySelectorAll("*")) {
      if (child.matches(".symdyn")) found.push(child)
      if (child.shadowRoot) search(child.shadowRoot)
    }
  }
  search(document)
  const data = found[0]?.dataset
  return data !== undefined && Number(data.generation) > after && data.available === "10"
}
"""
"""Playwright's own selectors see into shadow roots, plain scripts have to look for themselves."""


def pixels(page, key: str) -> str:
    """The picture as it is on the screen."""
    return page.locator(f"figure.{key} canvas.field").evaluate("canvas => canvas.toDataURL()")


def shown(page, model: str, key: str = "equivariance") -> str:
    return page.locator(f"td[data-{model}={key}]").inner_text()


def share(text: str) -> float:
    """The number in "37.2 %" or "8·10⁻⁶ %"."""
    digits = text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(digits.replace("·10", "e").replace("%", "").strip()) / 100


def wait_for_text(page, words: str) -> None:
    page.get_by_text(words).first.wait_for()


def test_the_dashboard(page, address, state):
    from app import compute
    from app.wording import number, percent

    page.add_init_script(PROBE)
    page.goto(address)
    generation = wait_for_rollout(page)
    wait_for_text(page, "turned by 90°")
    assert share(shown(page, "a")) < 1e-5 and share(shown(page, "b")) > 1e-2

    def expected(question):
        comparison = compute.compare(question)
        return comparison.a.scores(10), comparison.b.scores(10)

    at_90 = expected(state.question)
    assert shown(page, "b") == percent(at_90[1].equivariance[0])
    assert shown(page, "b", "rmse_pooled") == number(at_90[1].rmse_pooled)

    # One key press turns the flow by one degree: pictures and numbers change.
    before = {key: pixels(page, key) for key in ("input", "truth", "a", "b", "error_a", "error_b")}
    slider = page.get_by_role("slider", name="angle")
    slider.focus()
    page.keyboard.press("ArrowRight")
    wait_for_text(page, "turned by 91°")
    wait_for_rollout(page, generation)
    changed = {key for key, picture in before.items() if pixels(page, key) != picture}
    assert changed == set(before)
    at_91 = expected(replace(state.question, element=(91.0,)))
    for name, scores in zip("ab", at_91, strict=True):
        assert shown(page, name) == percent(scores.equivariance[0])
        assert shown(page, name, "rmse") == number(scores.rmse[0])
        assert shown(page, name, "rmse_pooled") == number(scores.rmse_pooled)
    page.wait_for_url(re.compile(r"element=91"))

    # The player steps through the leads, and the numbers follow.
    page.get_by_role("button", name="One frame ahead").click()
    wait_for_text(page, "lead 2 of 10")
    page.locator("td[data-b=rmse]").get_by_text(number(at_91[1].rmse[1]), exact=True).wait_for()

    # The probe reads all pictures at once.
    page.locator("figure.b canvas.field").hover()
    values = page.locator("figure.picture .value").all_inner_texts()
    assert len(values) == 6 and all(re.search(r"\d", value) for value in values)

    # The link restores the view; a wrong value is reported and ignored.
    page.goto(page.url.replace("element=91", "element=180") + "&colour=red")
    wait_for_rollout(page)
    wait_for_text(page, "turned by 180°")
    wait_for_text(page, "lead 2 of 10")
    wait_for_text(page, "colour: there is no such setting")

    # A rescaled flow runs at another pace; its presets take whole time steps.
    page.goto(f"{address}?symmetry=scaling&element=0.8&b=rbc-unet-plain")
    generation = wait_for_rollout(page)
    wait_for_text(page, "includes interpolation between frames")
    page.get_by_role("button", name="1/√2").click()
    wait_for_text(page, "each lead is 2 steps")
    wait_for_rollout(page, generation)
    assert share(shown(page, "a")) < 0.1 * share(shown(page, "b"))
    page.wait_for_url(re.compile(r"element=0\.707107.*a=rbc-resnet-scaling&b=rbc-unet-plain"))
    assert page.problems == []
