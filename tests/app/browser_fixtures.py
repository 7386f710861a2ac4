"""A served dashboard and a real browser that looks at it."""

from collections.abc import Iterator

import pytest
from browser_tools import ARGUMENTS, CHROMIUM, served, watched_page


@pytest.fixture(scope="module")
def address(prepared, tmp_path_factory) -> Iterator[str]:
    """The address of the dashboard over the small data directory, one server for a test file."""
    with served(prepared, tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def browser():
    """A fresh browser."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page at 1280 x 720 that notes errors and requests to other hosts in ``problems``."""
    return watched_page(browser)
