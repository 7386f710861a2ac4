"""The page of spectra in a real browser: numbers, lead, address, and files that arrive."""

import io
import re
import time
from xml.etree import ElementTree

import pytest
from browser_tools import BROWSER, shown, wait_for_rollout

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER

VIEW = "page=spectra&symmetry=rotation&element=30&lead=4"


@pytest.fixture
def expected(state):
    """Results of the same view, made by this process."""
    from app.compute import compare
    from app.results import Results

    state.set_links((("rotation", (30.0,)),))
    results = Results(compare(state.question))
    for lead in range(1, 11):
        results.comparison.a.scores(lead)
        results.comparison.b.scores(lead)
        results.read(lead)
    return results


def wait_for_number(page, model: str, key: str, value: float) -> None:
    """Wait until a cell of the table shows a number."""
    from app.wording import number

    # Explore, if it was visited, keeps a table with the same numbers out of sight.
    text = re.compile(f"^{number(value)}$")
    page.locator(f"td[data-{model}={key}]:visible", has_text=text).wait_for()


def test_numbers_follow_the_lead_and_the_lead_the_player(page, address, expected):
    page.goto(f"{address}?{VIEW}")
    wait_for_number(page, "a", "ese_pooled", expected.ese_pooled["a"])  # the rollout is complete
    for name in ("a", "b"):
        wait_for_number(page, name, "rmse", expected.scores[name].rmse[3])
        wait_for_number(page, name, "ese", expected.ese[name][4])
    assert shown(page, "b", "correlation") == f"{expected.correlation['b'][3]:.3f}"
    wait_for_number(page, "persistence", "rmse", expected.persistence[3])
    page.get_by_role("slider", name="Lead").focus()
    page.keyboard.press("ArrowRight")
    wait_for_number(page, "a", "rmse", expected.scores["a"].rmse[4])
    page.wait_for_url(re.compile("lead=5"))
    page.get_by_role("button", name="Explore").first.click()
    wait_for_rollout(page)
    page.get_by_text("lead 5 of 10").first.wait_for()
    assert page.problems == []


def test_the_address_holds_how_spectra_are_taken(page, address, expected):
    page.goto(f"{address}?{VIEW}")
    wait_for_number(page, "a", "ese_pooled", expected.ese_pooled["a"])
    page.get_by_role("button", name="Paper").click()
    page.get_by_role("button", name="Error energy").click()
    page.wait_for_url(re.compile("spectra.definition=paper.*spectra.measure=difference"))
    page.reload()
    wait_for_number(page, "a", "ese_pooled", expected.ese_pooled["a"])
    for name in ("Paper", "Error energy"):
        page.get_by_role("button", name=name, pressed=True).wait_for()
    assert "lead=4" in page.url and "element=30" in page.url
    assert page.problems == []


def test_the_player_shows_one_lead_after_the_other(page, address, expected):
    page.goto(f"{address}?{VIEW}")
    wait_for_number(page, "a", "ese_pooled", expected.ese_pooled["a"])
    page.get_by_role("button", name="Play").click()
    wait_for_number(page, "a", "rmse", expected.scores["a"].rmse[5])
    wait_for_number(page, "a", "rmse", expected.scores["a"].rmse[6])
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()
    assert page.problems == []


def save(page, label: str) -> tuple[str, bytes]:
    """Choose a file from the menu; its name and what it holds."""
    button = page.get_by_role("button", name="Export").first
    button.click()
    with page.expect_download() as arriving:
        page.get_by_role("menuitem").filter(has_text=label).click()
    path = arriving.value.path()
    content = path.read_bytes()
    while button.is_disabled():  # until the next may be asked for
        time.sleep(0.05)
    return arriving.value.suggested_filename, content


def test_files_arrive_and_open(page, address, expected, tmp_path):
    import nbformat
    import xarray as xr
    from PIL import Image

    page.goto(f"{address}?{VIEW.replace('spectra', 'explore')}")
    wait_for_rollout(page)
    name, content = save(page, "Screen, PNG")
    assert name.endswith(".png") and Image.open(io.BytesIO(content)).size[0] > 600
    name, content = save(page, "Figure, SVG")
    assert name == "symdyn_convection_turned-by-30_lead-4.svg"
    assert ElementTree.fromstring(content).tag.endswith("svg")
    name, content = save(page, "Data, NetCDF")
    (tmp_path / name).write_bytes(content)
    with xr.open_dataset(tmp_path / name) as data:
        assert data["rmse_a"].values == pytest.approx(expected.scores["a"].rmse, rel=1e-4)
        assert "element=30" in data.attrs["link"]
    name, content = save(page, "Notebook")
    nbformat.validate(nbformat.reads(content.decode(), as_version=4))
    assert name.endswith(".ipynb")
    page.get_by_role("button", name="Spectra").first.click()
    wait_for_number(page, "a", "ese_pooled", expected.ese_pooled["a"])
    name, content = save(page, "Film, GIF")
    assert "spectra" in name and Image.open(io.BytesIO(content)).n_frames == 10
    assert page.problems == []


def test_words_of_figures_grow_with_the_letters_of_the_page(page, address):
    size = "new (Bokeh.require('core/graphics').TextBox)({text: 'a'}).base_font_size"
    page.goto(f"{address}?page=spectra")
    page.get_by_role("img", name=re.compile("Kinetic energy")).wait_for()
    assert page.evaluate(size) == 13
    page.get_by_role("button", name="Projector theme").click()
    page.wait_for_function(f"{size} > 15")
    assert page.evaluate(size) == pytest.approx(1.2 * 13)
    page.set_viewport_size({"width": 3840, "height": 2160})
    page.wait_for_function(f"{size} > 20")
    assert page.problems == []
