"""Pictures of every page in every theme at three sizes, to be looked at.

    python tests/app/take_screenshots.py http://localhost:5006/app FOLDER [PAGE ...]

The dashboard is served already, as by ``make app``. Files are called page-theme-size.png; errors of
a page are printed.
"""

import sys
from pathlib import Path

from browser_tools import ARGUMENTS, CHROMIUM, PATIENCE
from playwright.sync_api import Browser, sync_playwright

SIZES = {"phone": (390, 844), "laptop": (1280, 720), "4k": (3840, 2160)}
THEMES = ("light", "dark", "projector")
PAGES = ("explore", "spectra", "audit", "errors", "kernels", "runs", "data")
SETTLED = 8000
"""Milliseconds that a page gets to compute what it shows."""


def take(browser: Browser, address: str, page_key: str, size: str, folder: Path) -> None:
    """All themes of one page at one size, in one visit."""
    width, height = SIZES[size]
    agent = {"user_agent": "Mozilla/5.0 (Android) Mobile"} if size == "phone" else {}
    page = browser.new_page(viewport={"width": width, "height": height}, **agent)
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: print(f"{page_key}, {size}: {error}"))
    page.goto(f"{address}?page={page_key}")
    page.locator(".bar .name").wait_for()
    page.wait_for_timeout(SETTLED)
    for theme in THEMES:
        page.evaluate("window.scrollTo(0, 0)")
        name = "Projector theme" if theme == "projector" else f"{theme.capitalize()} theme"
        chosen = page.get_by_role("button", name=name)
        if not chosen.is_visible():
            page.get_by_role("button", name="More", exact=True).click()
        chosen.click()
        page.mouse.move(width / 2, height - 2)
        page.wait_for_timeout(1500)
        page.screenshot(path=folder / f"{page_key}-{theme}-{size}.png")
    page.close()


def main() -> None:
    address, folder, *chosen = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for size in SIZES:
            for key in chosen or PAGES:
                take(browser, address, key, size, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
