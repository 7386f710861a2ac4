"""The canvas component in a real browser: what is drawn, read, compared, pinned and saved."""

import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from browser_tools import BROWSER, pixels, wait_for_rollout, watched_page

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER

LEADS_SEEN = """root => new Promise((done) => {
  const seen = new Set(), look = (frames) => {
    seen.add(root.dataset.lead)
    if (seen.size > 4 || frames > 5000) done([...seen])
    else requestAnimationFrame(() => look(frames + 1))
  }
  look(0)
})"""
"""Five leads that a running player shows, one after the other."""


def number(text: str) -> float:
    """The first number of a text such as "0.410 | 0.390" or "−2.00e-3 m/s"."""
    return float(re.search(r"[-−]?[\d.]+(e[-+]?\d+)?", text)[0].replace("−", "-"))


def image(page, figure: str = "picture") -> np.ndarray:
    """The colours on the screen, (row, column, RGBA), without the edge where a divider may be."""
    found = page.locator(f"figure.{figure} canvas.field").evaluate(
        """canvas => [canvas.width, canvas.height, Array.from(
             canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)]"""
    )
    width, height, colours = found
    return np.array(colours, np.uint8).reshape(height, width, 4)[:, 6:-6]


def settled(page) -> None:
    """Wait until two pictures have been drawn."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def shown(page, name: str) -> str:
    return page.locator(".symdyn").get_attribute(f"data-{name}")


def at(page, x: float, y: float, figure: str = "picture") -> None:
    """Move the pointer to shares of a picture, from its lower left."""
    box = page.locator(f"figure.{figure} canvas.field").bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"])
    settled(page)


def value(page, figure: str) -> str:
    return page.locator(f"figure.{figure} .value").inner_text()


def cell(w, x: float, y: float):
    """The value of a field of the library at shares of its width and height."""
    return w[..., int(y * w.shape[-2]), int(x * w.shape[-1])].item()


def test_zoom_pan_probe_and_keys(page, address, state):
    from app import compute

    # The same model twice: its pictures can only differ if they are not zoomed alike.
    page.goto(f"{address}?a={state.model_b}&b={state.model_b}&element=0&field=u")
    wait_for_rollout(page)
    whole = pixels(page, "a")
    assert pixels(page, "b") == whole and pixels(page, "error_b") != whole
    at(page, 0.3, 0.6, "a")
    before = value(page, "a")
    page.mouse.wheel(0, -600)
    page.locator(".symdyn.zoomed").wait_for()
    settled(page)
    assert float(shown(page, "zoom")) > 1.5
    assert value(page, "a") == before, "zoom is about the pointer"
    assert pixels(page, "a") == pixels(page, "b") != whole

    # What is dragged stays under the pointer, and pins nothing.
    page.mouse.down()
    at(page, 0.4, 0.5, "a")
    page.mouse.up()
    assert value(page, "a") == before and page.locator(".symdyn.pinned").count() == 0
    page.keyboard.press("0")
    settled(page)
    assert float(shown(page, "zoom")) == 1

    # The probe reads the numbers of the library in all pictures.
    at(page, 0.7, 0.25, "error_a")
    unmoved = replace(
        state.question, links=(("rotation", (0.0,)),), model_a=state.model_b, model_b=state.model_b
    )
    comparison = compute.compare(unmoved)
    forecast, truth = comparison.b.forecast(1)[0], comparison.scene.truth(1)[0][0]
    for figure, w in {"b": forecast, "truth": truth, "error_b": forecast - truth}.items():
        assert number(value(page, figure)) == pytest.approx(cell(w, 0.7, 0.25), rel=6e-3, abs=1e-6)

    for key, lead in (("]", "2"), ("]", "3"), ("[", "2")):
        page.keyboard.press(key)
        settled(page)
        assert shown(page, "lead") == lead
    page.keyboard.press("?")
    page.locator(".symdyn .help").wait_for()
    page.keyboard.press("Escape")
    page.locator(".symdyn .help").wait_for(state="hidden")
    assert page.problems == []


def test_swipe_square_and_player(page, address, state):
    from app import compute
    from app.wording import percent

    comparison = compute.compare(state.question)
    page.goto(f"{address}?view=swipe&field=v&vectors=arrows")
    wait_for_rollout(page)
    at(page, 0.3, 0.4)
    both = [number(part) for part in value(page, "picture").split("|")]
    expected = [cell(x.forecast(1)[1], 0.3, 0.4) for x in (comparison.a, comparison.b)]
    assert both == pytest.approx(expected, rel=6e-3, abs=1e-6)
    page.mouse.move(5, 5)

    divider = page.get_by_role("slider", name="Divider")

    def side(pair: str, key: str) -> np.ndarray:
        page.get_by_label("What is compared").select_option(pair)
        settled(page)
        divider.focus()
        page.keyboard.press(key)
        settled(page)
        return image(page)

    a, b, truth = side("a b", "End"), side("a b", "Home"), side("truth a", "End")
    assert divider.get_attribute("aria-valuenow") == "100"
    assert len({picture.tobytes() for picture in (a, b, truth)}) == 3
    np.testing.assert_array_equal(side("truth a", "Home"), a)
    np.testing.assert_array_equal(side("truth b", "Home"), b)
    side("a b", "End")
    page.mouse.move(*_middle(divider.bounding_box()))
    page.mouse.down()
    at(page, 0.5, 0.5)
    page.mouse.up()
    page.mouse.move(5, 5)
    settled(page)
    half, middle = image(page), a.shape[1] // 2
    np.testing.assert_array_equal(half[:, : middle - 6], a[:, : middle - 6])
    np.testing.assert_array_equal(half[:, middle + 6 :], b[:, middle + 6 :])

    # Both ways round the square: its difference is the library's.
    page.goto(f"{address}?view=square&field=u&element=40&lead=2")
    wait_for_rollout(page)
    page.locator(".stage.squares").wait_for()
    links = (("rotation", (40.0,)),)
    comparison = compute.compare(replace(state.question, links=links))
    for name in ("a", "b"):
        answer = getattr(comparison, name)
        gap = answer.forecast(2) - answer.expected(2)[0]
        at(page, 0.55, 0.45, f"gap_{name}")
        seen = number(value(page, f"gap_{name}"))
        assert seen == pytest.approx(cell(gap[0], 0.55, 0.45), rel=6e-3, abs=1e-5)
        words = page.locator(f".square.{name} h3 .gap").inner_text()
        assert words == f"ways differ by {percent(answer.scores(2).equivariance[1])}"
    assert page.problems == []


def _middle(box: dict) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_player_pin_reload_and_file(page, address):
    from PIL import Image

    page.goto(f"{address}?vectors=arrows&field=vorticity")
    wait_for_rollout(page)

    def lead(n: int) -> str:
        page.locator("input.lead").fill(str(n))
        settled(page)
        assert shown(page, "lead") == str(n)
        return pixels(page, "b")

    # Pictures that were drawn before are copied: they are still those of their lead.
    first = [lead(n) for n in range(1, 11)]
    assert len(set(first)) == 10
    assert [lead(n) for n in range(1, 11)] == first
    lead(1)
    page.locator("select.speed").select_option("30")
    page.locator("figure.a canvas.field").focus()
    page.keyboard.press(" ")
    seen = page.locator(".symdyn").evaluate(LEADS_SEEN)
    steps = np.diff([int(lead) for lead in seen]) % 10
    assert len(seen) == 5 and (steps == 1).all(), "no lead is left out"
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play the forecast").get_by_text("Play").wait_for()

    at(page, 0.25, 0.75, "truth")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile(r"point=0\.2\d+,0\.7\d+"))
    title = page.locator(".series .title").inner_text()
    page.reload()
    wait_for_rollout(page)
    kept = page.locator(".series .title").inner_text()
    assert kept.startswith("Vorticity at (")
    for old, new in zip(re.findall(r"[\d.]+", title), re.findall(r"[\d.]+", kept), strict=True):
        assert float(new) == pytest.approx(float(old), abs=2e-3)
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"^((?!point=).)*$"))
    assert not page.locator(".series").is_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Save this view as a PNG").click()
    saved = Image.open(BytesIO(download.value.path().read_bytes()))
    box = page.locator(".stage").bounding_box()
    assert saved.format == "PNG" and saved.width > 2 * box["width"]
    assert len(saved.convert("RGB").getcolors(2**24)) > 1000
    assert page.problems == []


def test_touch_and_reduced_motion(browser, address):
    page = watched_page(browser, 390, 844, has_touch=True, reduced_motion="reduce",
                        user_agent="Mozilla/5.0 (Linux; Android 14) Mobile")  # fmt: skip
    page.goto(f"{address}?vectors=particles")
    wait_for_rollout(page)
    # Nothing moves by itself where that is not wanted: streamlines stand for particles.
    assert not page.locator("figure.a canvas.overlay").is_visible()
    first = pixels(page, "a")
    settled(page)
    assert pixels(page, "a") == first
    page.emulate_media(reduced_motion="no-preference")
    page.locator("figure.a canvas.overlay").wait_for()

    picture = page.locator("figure.a canvas.field")
    picture.scroll_into_view_if_needed()
    x, y = _middle(picture.bounding_box())
    touch = page.context.new_cdp_session(page)
    for spread in (20, 30, 40, 50, 60):
        kind = "touchStart" if spread == 20 else "touchMove"
        points = [{"x": x + side * spread, "y": y, "id": side + 1} for side in (-1, 1)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.locator(".symdyn.zoomed").wait_for()
    assert float(shown(page, "zoom")) == pytest.approx(3, rel=0.1)
    assert page.locator(".symdyn.pinned").count() == 0
    page.touchscreen.tap(x + 20, y + 20)
    page.locator(".symdyn.pinned").wait_for(state="attached")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.problems == []


LATE = """() => {
  const models = Bokeh.documents.flatMap((document) => [...document._all_models.values()]);
  const view = models.find((model) => model.attributes.packet?.byteLength);
  const given = new Uint8Array(view.attributes.packet), other = new Uint8Array(given.length + 4);
  other.set(given);  // four bytes more: what is equal would be no change
  view.setv({story: "<p class='words'>told late</p>", charts: "{}", packet: other.buffer});
}"""


def test_what_is_told_between_the_first_drawing_and_word_of_it_is_shown(page, address):
    """As when a page is turned to while its pictures are on their way."""
    page.goto(f"{address}?page=explore")
    wait_for_rollout(page)
    page.evaluate(LATE)
    page.get_by_text("told late").wait_for()
    assert page.problems == []
