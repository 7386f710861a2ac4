"""The page of data in a real browser: flows opened, sent, looked at, cut, and used at once."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from browser_tools import BROWSER, served, shown, wait_for_rollout, wait_for_text, watched_page

from symdyn_core import metrics
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.patches import Patch, cut_patch
from symdyn_core.datasets.squares import in_squares
from tests.untrusted import hostile_files as hostile

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER

BAD = {
    "text": "got text", "zip_bomb": "unpacks to", "only_nan": "missing values",
    "nothing": "is empty", "pickled": "pickled Python objects",
    "climbing": "outside its own folder",
}  # fmt: skip
"""Kinds that are sent from a real browser; test_app_uploads.py has the others."""


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> Path:
    """A folder that the operator allows, with a flow of 24 x 16 cells."""
    folder = tmp_path_factory.mktemp("allowed")
    hostile.netcdf(folder / "currents.nc")
    (folder.parent / "secret.nc").write_text("secret")
    return folder


@pytest.fixture(scope="module")
def temporary(tmp_path_factory) -> Path:
    """Where the server keeps what visitors send."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def address(prepared, places, temporary, tmp_path_factory):
    variables = {"SYMDYN_ALLOW": str(places), "TMPDIR": str(temporary), "SYMDYN_UPLOAD_MB": "20"}
    with served(prepared, tmp_path_factory.mktemp("server"), **variables) as found:
        yield found


def kept(temporary: Path) -> list[Path]:
    """Files of visitors on the disk of the server."""
    return [p for p in temporary.glob("symdyn-session-*/**/*") if p.is_file()]


def bring(page, name: str) -> None:
    page.get_by_label("Path or address").fill(name)
    page.get_by_label("Path or address").press("Enter")


def side(page, name: str):
    return page.get_by_role("textbox", name=name, exact=True)


def send(page, file: Path) -> None:
    page.locator(".drop input[type=file]").set_input_files(file)


def change_of(flow, frame: int) -> float:
    """RMSE of persistence from a frame to the next in the first square, by the library alone."""
    flow = in_squares(flow, 64).isel(member=0)
    parts = [flow[name].isel(time=[frame, frame + 1]).values for name in ("u", "v")]
    now, then = torch.tensor(np.stack(parts)).float().unbind(1)
    return metrics.rmse(now[None, None], then[None, None])


def test_a_flow_is_opened_cut_and_explored(page, address, places):
    from app.wording import number

    # Nothing is transformed, and B is persistence: its error tells which cells there are.
    page.goto(f"{address}?page=data&b=persistence&symmetry=magnitude&element=1")
    wait_for_text(page, "64 x 32 cells, 40 frames")
    wait_for_text(page, "Energy by scale")

    # What the operator does not allow is refused, and nothing changes.
    for wanted in ("../secret.nc", "/etc/passwd", "http://169.254.169.254/latest"):
        bring(page, wanted)
        page.get_by_text("this server opens").or_(page.get_by_text("may be opened")).or_(
            page.get_by_text("allowed")
        ).first.wait_for()
        page.get_by_role("button", name="Close").first.click()
    assert page.get_by_text("64 x 32 cells, 40 frames").count()

    bring(page, "currents.nc")
    wait_for_text(page, "24 x 16 cells, 20 frames")
    page.wait_for_url(re.compile("data=currents"))

    # A box that is dragged on the map becomes the patch.
    area = page.locator(".bk-Canvas").first.bounding_box()
    left, top = area["x"] + 0.35 * area["width"], area["y"] + 0.2 * area["height"]
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 30, top + 30, steps=5)
    page.mouse.up()
    wait_for_text(page, "8 x 8 cells")
    side(page, "Columns").fill("16")
    side(page, "Columns").press("Enter")
    wait_for_text(page, "16 x 8 cells")
    sides = [side(page, name).input_value() for name in ("First column", "First row")]
    page.get_by_role("button", name="Cut and explore").click()
    page.wait_for_url(re.compile("page=explore&data=currents-2"))
    wait_for_rollout(page)
    frame = int(re.search(r"frame=(\d+)", page.url).group(1))
    whole = open_any(str(places / "currents.nc"))
    cut = cut_patch(whole, Patch(*map(int, sides), 16, 8, 0, 19))
    assert shown(page, "b", "rmse") == number(change_of(cut, frame))
    assert shown(page, "b", "rmse") != number(change_of(whole, frame)), "the control"
    page.get_by_role("button", name="Data", exact=True).click()
    page.get_by_text("currents.nc, patch: 16 x 8 cells, 20 frames").wait_for()
    assert page.problems == []


def test_good_files_are_used_and_bad_ones_leave_nothing(page, address, temporary, tmp_path):
    page.goto(f"{address}?page=data")
    wait_for_text(page, "64 x 32 cells, 40 frames")
    earlier = set(kept(temporary))
    for name, words in BAD.items():
        send(page, getattr(hostile, name)(tmp_path))
        page.locator(".drop .line").get_by_text(words).wait_for()
        # Those of earlier visitors stay until the server has missed them for a while.
        assert set(kept(temporary)) <= earlier, name
    assert page.get_by_text("64 x 32 cells, 40 frames").count(), "the last flow is still there"

    (tmp_path / "inner").mkdir()
    good = hostile.zipped(hostile.store(tmp_path / "inner"), tmp_path / "store.zip")
    send(page, good)
    page.locator(".drop .line").get_by_text("'store.zip' is open").wait_for()
    wait_for_text(page, "16 x 16 cells, 24 frames")
    assert set(kept(temporary)) - earlier, "control: what is used is kept"
    page.get_by_role("button", name="Explore", exact=True).click()
    wait_for_rollout(page)
    assert page.problems == []


def test_others_see_nothing_of_a_visitors_flow(browser, address, tmp_path):
    mine, other = watched_page(browser), watched_page(browser)
    mine.goto(f"{address}?page=data")
    wait_for_text(mine, "64 x 32 cells, 40 frames")
    send(mine, hostile.netcdf(tmp_path / "private.nc"))
    wait_for_text(mine, "24 x 16 cells, 20 frames")
    mine.wait_for_url(re.compile("data=private"))
    other.goto(mine.url)
    wait_for_text(other, "64 x 32 cells, 40 frames")
    wait_for_text(other, "There is no flow 'private")
    assert mine.problems == [] and other.problems == []
