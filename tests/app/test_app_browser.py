"""The served page in a real browser: a slider moves pictures and numbers, and nothing goes out."""

import re
from dataclasses import replace

import pytest
from browser_tools import (
    BROWSER,
    pixels,
    share,
    shown,
    wait_for_rollout,
    wait_for_text,
)

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER


def test_the_dashboard(page, address, state):
    from app import compute
    from app.wording import number, percent

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
    at_91 = expected(replace(state.question, links=(("rotation", (91.0,)),)))
    for name, scores in zip("ab", at_91, strict=True):
        assert shown(page, name) == percent(scores.equivariance[0])
        assert shown(page, name, "rmse") == number(scores.rmse[0])
        assert shown(page, name, "rmse_pooled") == number(scores.rmse_pooled)
    page.wait_for_url(re.compile(r"element=91"))

    # The player steps through the leads, and the numbers follow.
    page.get_by_role("button", name="One frame ahead").click()
    wait_for_text(page, "lead 2 of 10")
    page.locator("td[data-b=rmse]").get_by_text(number(at_91[1].rmse[1]), exact=True).wait_for()

    # The curves say their numbers, to those who cannot see them and under the pointer.
    canvas = page.locator("figure.growth canvas")
    told = dict(re.findall(r"(persistence|A|B) ([\d.e-]+)", canvas.get_attribute("aria-label")))
    assert [float(told[name]) for name in "AB"] == pytest.approx(
        [scores.rmse[1] for scores in at_91], rel=5e-3
    )
    assert page.locator("figure.growth .place").is_hidden()
    canvas.hover()
    rows = page.locator("figure.growth .place").inner_text().splitlines()
    lead = int(rows[0].removeprefix("lead "))
    under = {name: float(value) for name, value in (row.rsplit(" ", 1) for row in rows[1:])}
    assert under["B"] == pytest.approx(at_91[1].rmse[lead - 1], rel=5e-3)
    page.locator("figure.spectra canvas").hover()
    assert page.locator("figure.spectra .place").inner_text().startswith("k ")

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


NEVER_READY = """
const send = WebSocket.prototype.send, parts = [];  // header, metadata, content
WebSocket.prototype.send = function (part) {
  if (parts.push(part) < 3) return;
  const whole = parts.splice(0);
  if (!whole[2].includes("document_ready")) for (const each of whole) send.call(this, each);
};
"""


def test_the_first_pictures_come_with_the_page(page, address):
    """They are there though the server never hears that the page is; the other leads are not."""
    files = []
    page.on("request", lambda request: files.append(request.url))
    page.add_init_script(NEVER_READY)
    page.goto(address)
    wait_for_text(page, "turned by 90°")
    page.locator(".symdyn[data-available='1']").wait_for()
    assert share(shown(page, "a")) < 1e-5 and share(shown(page, "b")) > 1e-2
    # Letters of the page are in the Latin files; no other is asked for them.
    assert any("roboto-latin" in file for file in files)
    assert not any("cyrillic" in file or "vietnamese" in file for file in files)


def test_components_may_bring_maps_of_modules(page, address):
    page.goto(address)
    wait_for_text(page, "turned by 90°")
    found = page.evaluate(
        """async () => {
          importShim.addImportMap({imports: {five: "data:text/javascript,export default 5"}});
          const text = 'import five from "five"; export default five + 1';
          const address = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
          return (await importShim(address)).default;
        }"""
    )
    assert found == 6 and page.problems == []
