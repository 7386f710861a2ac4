"""What tests in a real browser need: a server, a watched page, and ways to read it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PATIENCE = 240_000
"""Milliseconds: a slow machine is no error."""

BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
"""Marks of a test that needs the fixtures below: ``pytestmark = BROWSER``."""


@contextmanager
def served(data: Path, folder: Path, **variables: str) -> Iterator[str]:
    """The address of the dashboard over the data directory ``data``, as by `panel serve app/`.

    Args:
        folder: where the server runs and writes its log, ``server.log``.
        variables: further variables of its environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "panel", "serve", str(ROOT / "app"), "--port", str(port)]
    own = {"SYMDYN_DATA": str(data), "OMP_NUM_THREADS": "1"}
    environment = {**os.environ, **own, **variables}
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, "--liveness"], env=environment, cwd=folder, stdout=log, stderr=log
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


def watched_page(browser, width: int = 1280, height: int = 720, **options):
    """A page of that size that notes errors and requests to other hosts in ``problems``."""
    page = browser.new_page(viewport={"width": width, "height": height}, **options)
    page.set_default_timeout(PATIENCE)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("request", lambda request: _note_outside(page, request.url))
    page.add_init_script(PROBE)
    return page


def _note_outside(page, url: str) -> None:
    if not re.match(r"(http|ws)://localhost[:/]|data:|blob:", url):
        page.problems.append(f"request to {url}")


def wait_for_rollout(page, after: int = 0) -> int:
    """Wait for all ten leads of a picture later than ``after``; returns its generation."""
    page.wait_for_function("""(after) => window.symdynProbe(after)""", arg=after)
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
    """A number of the table over the pictures."""
    return page.locator(f"td[data-{model}={key}]").inner_text()


def share(text: str) -> float:
    """The number in "37.2 %" or "8·10⁻⁶ %"."""
    digits = text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(digits.replace("·10", "e").replace("%", "").strip()) / 100


def wait_for_text(page, words: str) -> None:
    """Wait until a text is seen."""
    page.get_by_text(words).first.wait_for()
