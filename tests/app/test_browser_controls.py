"""The sidebar in a browser: each kind of control changes the state, which the address holds."""

import re

import pytest
from browser_tools import BROWSER, share, shown, wait_for_rollout, wait_for_text, watched_page

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER


def sidebar(page):
    return page.locator(".controls")


def says(page, *parts: str) -> None:
    """Wait until the address holds all of these."""
    wanted = "".join(rf"(?=.*[?&]{re.escape(part)}(&|$))" for part in parts)
    page.wait_for_url(re.compile(wanted))


def slider(page, name: str):
    return sidebar(page).get_by_role("slider", name=name, exact=True)


def press(page, name: str) -> None:
    sidebar(page).get_by_role("button", name=name, exact=True).click()


def choose(page, name: str, option: str) -> None:
    sidebar(page).get_by_label(name, exact=True).first.select_option(label=option)


def test_every_kind_of_control_changes_the_state(page, address):
    page.goto(address)
    wait_for_rollout(page)
    assert page.locator(".controls .MuiSlider-root, .controls .MuiSelect-root").count() == 0

    # A range: steps, ten steps, and its ends by the keys; the words beside it follow at once.
    angle = slider(page, "angle")
    angle.focus()
    for key, wanted in (("ArrowLeft", 89), ("PageUp", 99), ("Shift+ArrowDown", 89), ("End", 360)):
        page.keyboard.press(key)
        assert angle.input_value() == str(wanted)
        assert angle.get_attribute("aria-valuetext") == f"{wanted}°"
        says(page, f"element={wanted}")

    # A list: choosing a symmetry brings its own sliders and the model made for it.
    choose(page, "Symmetry", "Reflection and rotation")
    says(page, "symmetry=reflection", "element=0,1", "a=rbc-resnet-reflection")
    mirrored = sidebar(page).get_by_role("switch", name="mirrored")
    assert mirrored.is_checked()
    mirrored.click()
    says(page, "element=0,0")
    press(page, "mirror, 90°")
    says(page, "element=90,1")
    assert slider(page, "angle").input_value() == "90" and mirrored.is_checked()

    # A chain.
    press(page, "Then …")
    says(page, "symmetry=reflection~translation")
    slider(page, "northward shift").focus()
    page.keyboard.press("ArrowRight")
    says(page, "element=90,1~8,0.5")
    sidebar(page).get_by_role("button", name="Remove this transformation").first.click()
    says(page, "symmetry=translation", "element=8,0.5")

    # Lists under headings, named times, and buttons side by side.
    groups = sidebar(page).get_by_label("Model B").locator("optgroup")
    labels = groups.evaluate_all("nodes => nodes.map(node => node.label)")
    assert labels == ["ResNets", "U-Nets", "Without a network"]
    choose(page, "Model B", "Ordinary U-Net")
    choose(page, "Region", "2 of 2")
    says(page, "b=rbc-unet-plain", "region=1")
    start = slider(page, "Start")
    start.focus()
    page.keyboard.press("Home")
    says(page, "frame=3")
    assert start.get_attribute("aria-valuetext") == "t = 0.6"
    press(page, "Broken symmetry")
    says(page, "maps=asymmetry")
    pressed = sidebar(page).get_by_role("group", name="Lower right maps").get_by_role("button")
    states = pressed.evaluate_all("nodes => nodes.map(node => node.ariaPressed)")
    assert states == ["false", "true"]
    slider(page, "Leads of the rollout").focus()
    page.keyboard.press("ArrowRight")
    says(page, "steps=20")
    assert page.problems == []


def test_a_dragged_slider_ends_where_it_was_let_go(page, address, state):
    from app import compute
    from app.wording import percent

    page.goto(address)
    generation = wait_for_rollout(page)
    box = slider(page, "angle").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 4, middle)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(box["x"] + box["width"] * (0.25 + step / 120), middle)
    page.mouse.up()
    angle = float(slider(page, "angle").input_value())
    assert 240 < angle < 300
    says(page, f"element={angle:g}")
    assert float(slider(page, "angle").input_value()) == angle
    wait_for_text(page, f"turned by {angle:g}°")
    wait_for_rollout(page, generation)
    state.move_to((angle,))
    scores = compute.compare(state.question).b.scores(10)
    assert shown(page, "b") == percent(scores.equivariance[0]) and share(shown(page, "b")) > 1e-3


def test_what_happens_elsewhere_is_shown_and_the_focus_stays(page, address):
    page.goto(f"{address}?symmetry=scaling&element=0.6")
    wait_for_rollout(page)
    factor = slider(page, "factor a")
    assert factor.input_value() == "0.6"
    # It settles at 1/√2 and stays under the hand.
    factor.focus()
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    says(page, "element=0.707107")
    assert factor.input_value() == "0.71" and factor.get_attribute("aria-valuetext") == "0.71"
    page.keyboard.press("ArrowRight")
    says(page, "element=0.72")
    page.get_by_role("button", name="Reset").click()
    says(page, "symmetry=rotation", "element=90")
    assert slider(page, "angle").get_attribute("aria-valuetext") == "90°"

    # The list keeps the focus while all under it is made anew.
    symmetry = sidebar(page).get_by_label("Symmetry", exact=True)
    symmetry.focus()
    page.keyboard.press("ArrowUp")
    says(page, "symmetry=magnitude")
    assert symmetry.evaluate("node => node.getRootNode().activeElement === node")

    # Pages show the sections that they need.
    page.get_by_role("button", name="Data", exact=True).click()
    sidebar(page).get_by_role("group", name="Pictures").wait_for(state="hidden")
    page.get_by_role("button", name="Explore", exact=True).click()
    sidebar(page).get_by_role("group", name="Pictures").wait_for()
    assert page.problems == []


LIES_OVER = """
window.symdynOver = 0
const look = () => {
  const search = (node) => {
    for (const child of node.querySelectorAll("*")) {
      if (child.matches(".MuiDrawer-paper")) {
        const {right} = child.getBoundingClientRect()
        if (right > 1 && getComputedStyle(child).visibility === "visible") window.symdynOver += 1
      }
      if (child.shadowRoot) search(child.shadowRoot)
    }
  }
  search(document)
  requestAnimationFrame(look)
}
requestAnimationFrame(look)
"""
"""Counts the pictures of the screen on which the sidebar is seen."""


@pytest.mark.parametrize("width, seen", [(500, False), (660, False), (900, True)])
def test_a_narrow_window_begins_without_the_sidebar(browser, address, width, seen):
    page = watched_page(browser, width, 800)
    page.add_init_script(LIES_OVER)
    page.goto(address)
    wait_for_rollout(page)
    assert (page.evaluate("window.symdynOver") > 0) == seen

    # It is there as soon as it is asked for, and stays: the server knows what the browser did.
    if not seen:
        page.get_by_role("button", name="Open drawer").click()
    page.wait_for_function("window.symdynOver > 0")
    slider(page, "angle").wait_for()
    page.get_by_role("button", name="Close drawer").first.wait_for()
    assert page.problems == []


def test_a_page_without_controls_has_no_sidebar(page, address):
    page.goto(f"{address}?page=runs")
    page.get_by_role("button", name="Open drawer").wait_for()
    page.get_by_role("button", name="Explore", exact=True).click()
    slider(page, "angle").wait_for()
    page.get_by_role("button", name="Runs", exact=True).click()
    page.get_by_role("button", name="Open drawer").wait_for()

    # Who has shut it finds it shut on all pages.
    page.get_by_role("button", name="Explore", exact=True).click()
    page.get_by_role("button", name="Close drawer").click()
    page.get_by_role("button", name="Runs", exact=True).click()
    page.wait_for_url(re.compile("page=runs"))
    page.get_by_role("button", name="Explore", exact=True).click()
    wait_for_rollout(page)
    page.get_by_role("button", name="Open drawer").wait_for()
    assert page.problems == []
