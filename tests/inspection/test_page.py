"""The page of a report stands alone, and draws what the report says."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from symdyn_core.datasets.store import write_flow
from symdyn_core.inspection.report import inspect_path
from symdyn_core.plots.flow_page import flow_page
from tests.command_line import run
from tests.conftest import mock_flow
from tests.datasets.awkward import currents, written

FIGURES = ("maps", "spectrum", "persistence", "times", "histogram")


class Tags(HTMLParser):
    """Start tags with their attributes."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def drawn(page: str) -> list[str]:
    return [name for name in FIGURES if f'id="{name}-' in page]


def test_a_page_loads_nothing_and_holds_every_figure(tmp_path):
    path = write_flow(mock_flow(frames=30, ny=40, nx=48, land=True), tmp_path / "flow.zarr")
    page = flow_page(inspect_path(path))
    assert drawn(page) == list(FIGURES)
    for tag, attributes in Tags(page).found:
        assert tag not in ("script", "link", "iframe")
        for name in ("src", "href", "xlink:href"):
            value = attributes.get(name) or "#"
            assert value.startswith(("#", "data:")), (tag, value)
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert page == flow_page(inspect_path(path)), "the same report is the same page"


def test_gaps_are_listed_and_drawn(tmp_path):
    path = written(currents(days=[0, 1, 4, 5, 6, 7, 9]), tmp_path / "a.nc")
    page = flow_page(inspect_path(path))
    assert "Hatched: 2 gaps" in page and "2002-01-05T00:00:00" in page
    assert "3 frames are missing" in page
    whole = flow_page(inspect_path(written(currents(days=range(6)), tmp_path / "b.nc")))
    assert "No frame is missing" in whole and "Hatched" not in whole


@pytest.mark.parametrize("frames", [1, 2])
def test_short_flows_have_pages(tmp_path, frames):
    path = written(currents(days=range(frames)), tmp_path / "a.nc")
    figures = drawn(flow_page(inspect_path(path)))
    assert "maps" in figures and ("persistence" in figures) == (frames > 1)


def test_still_and_dry_flows_have_pages(tmp_path):
    still = mock_flow(frames=12, ny=30, nx=30)
    still = still.assign(u=still["u"] * 0, v=still["v"] * 0)
    assert "maps" in drawn(flow_page(inspect_path(write_flow(still, tmp_path / "still.zarr"))))
    dry = currents().map(lambda field: field * np.nan)
    page = flow_page(inspect_path(written(dry, tmp_path / "dry.nc")))
    assert drawn(page) == ["times"] and "missing values (NaN) everywhere" in page


def test_titles_of_files_are_text_not_markup(tmp_path):
    dataset = currents().assign_attrs(title="<script>alert(1)</script>")
    page = flow_page(inspect_path(written(dataset, tmp_path / "a.nc")))
    assert "<script" not in page and "&lt;script&gt;" in page


def test_large_maps_are_drawn_as_means_over_blocks(tmp_path):
    flow = mock_flow(frames=2, ny=410, nx=900, land=True)
    page = flow_page(inspect_path(write_flow(flow, tmp_path / "flow.zarr")))
    assert len(page) < 1_500_000


def test_the_command_writes_the_page_and_tells_so(tmp_path):
    path = write_flow(mock_flow(frames=12, ny=16, nx=16), tmp_path / "flow.zarr")
    code, out, err = run("data", "info", path, "--html", tmp_path / "page.html", "--json")
    assert code == 0 and "Wrote" in err and out.startswith("{")
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


def test_nothing_is_written_where_the_data_are_bad(tmp_path):
    (tmp_path / "bad.nc").write_bytes(b"no data" * 100)
    (tmp_path / "empty.nc").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for name in ("bad.nc", "empty.nc", "folder", "gone.nc"):
        page = tmp_path / "page.html"
        code, out, err = run("data", "info", tmp_path / name, "--html", page)
        assert code == 2 and out == "" and err.count("\n") == 1, err
        assert name in err and not page.exists()
    flow = write_flow(mock_flow(), tmp_path / "flow.zarr")
    code, _, err = run("data", "info", flow, "--html", tmp_path)
    assert code == 2 and "got the folder" in err
