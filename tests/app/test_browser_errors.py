"""The page of errors in a browser: its numbers are those of the library, its parts are linked."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from browser_tools import BROWSER, wait_for_text

from symdyn_core.experiments.error_summaries import pooled, window_table

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER

MODELS = {"a": "rbc-resnet-rotation", "b": "rbc-resnet-plain"}
COUNT = 30


@pytest.fixture
def expected(data):
    """Errors of both models, computed here."""
    from app import inspection
    from app.flows import sources

    found = {}
    for name, model in MODELS.items():
        for _, found[name] in inspection.error_steps(sources()[0], model, 4, 3, COUNT):
            pass
    return found


def opened(page, address, **more):
    query = "&".join(f"{name}={value}" for name, value in {**MODELS, **more}.items())
    page.goto(f"{address}?page=errors&errors.count={COUNT}&{query}")
    wait_for_text(page, "Over all")


def place(page) -> tuple[int, int]:
    found = parse_qs(urlsplit(page.url).query)
    return int(found["region"][0]), int(found["frame"][0])


def test_numbers_table_and_file_are_those_of_the_library(page, address, expected):
    opened(page, address)
    table = window_table(expected)
    said = page.get_by_text("Over all").first.inner_text()
    assert f"all {len(table)} windows" in said
    for one in expected.values():
        assert f"RMSE {pooled(one.rmse):.3g}" in said
    first = page.locator('.tabulator-row .tabulator-cell[tabulator-field="rmse_b"]').first
    assert first.inner_text() == f"{table['rmse_b'].max():.4f}"
    with page.expect_download() as download:
        page.get_by_text("CSV", exact=True).click()
    saved = pd.read_csv(download.value.path())
    np.testing.assert_allclose(saved["rmse_a"], table["rmse_a"], rtol=1e-4)
    assert set(saved["model_b"]) == {MODELS["b"]}
    assert page.problems == []


@pytest.mark.parametrize("rank", ["Worst", "Best"])
def test_a_ranked_window_opens_in_explore(page, address, expected, rank):
    opened(page, address, **{"errors.whose": "a"})
    table = window_table(expected)
    row = table.loc[table["rmse_a"].idxmax() if rank == "Worst" else table["rmse_a"].idxmin()]
    page.get_by_role("button", name=rank).click()
    page.wait_for_function("() => location.search.includes('page=explore')")
    assert place(page) == (int(row["member"]), int(row["now"]))
    assert page.problems == []


def test_a_region_of_the_map_chooses_its_windows_everywhere(page, address, expected):
    opened(page, address)
    table = window_table(expected)
    second = table[table["member"] == 1]
    figure = page.get_by_label("Map of errors of a").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    # Two square regions side by side in the middle; the colours stand to the right of them.
    figure.click(position={"x": 0.62 * box["width"], "y": 0.5 * box["height"]})
    wait_for_text(page, f"the chosen {len(second)} windows")
    rows = page.locator('.tabulator-row .tabulator-cell[tabulator-field="region"]')
    assert set(rows.all_inner_texts()) == {"2 of 2"}
    page.get_by_role("button", name="All windows").click()
    wait_for_text(page, f"all {len(table)} windows")
    assert page.problems == []
