"""The tour: offered once, seven views that the address holds, back and forward."""

import re

from browser_tools import BROWSER, PATIENCE, wait_for_rollout, wait_for_text

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER


def card(page):
    return page.get_by_role("dialog")


def press(page, name: str) -> None:
    card(page).get_by_role("button", name=name, exact=True).click()


def at(page, step: int) -> None:
    """Wait until the card and the address are at a step."""
    card(page).get_by_text(f"{step} / 7").wait_for()
    page.wait_for_url(re.compile(rf"tour={step}$"), timeout=PATIENCE)


def test_the_tour_shows_seven_views_and_goes_back(page, address):
    page.goto(address)
    wait_for_rollout(page)
    page.get_by_role("button", name="Take the tour").click()
    at(page, 1)
    wait_for_text(page, "The flow is shown as recorded")
    press(page, "Next")
    at(page, 2)
    wait_for_text(page, "turned by 90°")
    assert "element=90" in page.url
    press(page, "Next")
    at(page, 3)
    wait_for_text(page, "turned by 37°")
    assert "maps=asymmetry" in page.url and "lead=3" in page.url

    page.go_back()
    at(page, 2)
    wait_for_text(page, "turned by 90°")
    page.go_forward()
    at(page, 3)
    wait_for_text(page, "turned by 37°")

    for step, words in ((4, "view=square"), (5, "symmetry=magnitude"), (6, "page=spectra")):
        press(page, "Next")
        at(page, step)
        assert words in page.url
    press(page, "Next")
    at(page, 7)
    assert "page=audit" in page.url
    page.locator(".tour-worst").get_by_text("fails worst").first.wait_for()
    page.locator(".tour .ring:visible").first.wait_for()

    press(page, "Done")
    page.wait_for_url(re.compile(r"^(?!.*tour=)"), timeout=PATIENCE)
    assert card(page).count() == 0
    assert page.problems == []


def test_a_link_opens_a_step_and_what_it_says_besides(page, address):
    page.goto(f"{address}?tour=2&element=180")
    wait_for_rollout(page)
    card(page).get_by_text("2 / 7").wait_for()
    wait_for_text(page, "turned by 180°")
    # Whoever follows a link has something to see: no offer.
    press(page, "Leave")
    assert page.get_by_role("button", name="Take the tour").count() == 0
    page.goto(f"{address}?tour=8")
    wait_for_text(page, "The tour has steps 1 to 7, got 8")


def test_the_offer_is_made_once(page, address):
    page.goto(address)
    wait_for_rollout(page)
    page.get_by_role("button", name="No, thanks").click()
    page.goto(address)
    wait_for_rollout(page)
    assert page.get_by_role("button", name="Take the tour").count() == 0
    # A phone has no room for seven pages: they become a menu, and nothing is wider than the screen.
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Explore").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_new_visitor_finds_the_worst_angle(page, address):
    page.goto(address)
    wait_for_rollout(page)
    page.get_by_role("button", name="Where does it fail worst?").click()
    page.locator(".tour-worst").get_by_text(
        "fails worst where the flow is turned by"
    ).first.wait_for()
    assert page.problems == []
