"""Every page in every theme, looked at by axe-core: nothing serious or critical is found."""

from importlib.resources import files

import pytest
from browser_tools import BROWSER, wait_for_rollout, watched_page

pytest.importorskip("axe_playwright_python", reason="needs the extra `accessibility`")

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER

AXE = files("axe_playwright_python").joinpath("axe.min.js")
GRAVE = ("serious", "critical")


TABULATOR = 'class="pnx-tabulator'
"""Its pager stands inside of its grid, where the rule wants rows only; the library's own choice."""


def findings(page) -> list[str]:
    """What axe-core holds against the page, a line for each rule and element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
        if not (rule["id"] == "aria-required-children" and TABULATOR in node["html"])
    ]


def pages() -> list[str]:
    from app.panels import PANELS

    return [panel.key for panel in PANELS]


def settled(page) -> list[str]:
    """Findings that stay: the fields of a page get their names once they are there."""
    for _ in range(9):
        page.wait_for_timeout(2000)
        found = findings(page)
        if not found:
            break
    return found


def test_no_page_has_grave_findings(browser, address):
    found = {}
    for theme in ("light", "dark", "projector"):
        page = watched_page(browser)
        page.goto(f"{address}?theme={theme}")
        wait_for_rollout(page)
        for number, key in enumerate(pages()):
            page.get_by_role("navigation", name="Pages").get_by_role("button").nth(number).click()
            page.wait_for_function(f"location.search.includes('page={key}')")
            found |= {f"{key}, {theme}: {line}": None for line in settled(page)}
        page.get_by_role("button", name="Help", exact=True).click()
        page.get_by_role("dialog", name="Help").wait_for()
        found |= {f"help, {theme}: {line}": None for line in settled(page)}
        page.close()
    assert list(found) == []


def test_a_picture_without_words_is_found(page):
    page.set_content('<html lang="en"><title>t</title><main><h1>t</h1><img src="data:,"></main>')
    assert any(line.startswith("image-alt") for line in findings(page))


def test_the_first_tab_skips_to_the_content(page, address):
    page.goto(address)
    wait_for_rollout(page)
    page.keyboard.press("Tab")
    skip = page.get_by_role("button", name="Skip to the content")
    assert skip.evaluate("node => node === document.activeElement")
    box = skip.bounding_box()
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = """() => {
      let node = document.activeElement
      while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
      for (; node; node = node.parentNode ?? node.host) if (node.matches?.("main")) return true
      return false
    }"""
    assert page.evaluate(inside)
