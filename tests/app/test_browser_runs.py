"""The page of runs in a browser: runs on disk, and small trainings started and cancelled there."""

import shutil

import pytest
from browser_tools import BROWSER, served, wait_for_text, watched_page

from symdyn_core.datasets import store
from symdyn_core.experiments.run_book import RunBook
from symdyn_core.experiments.training_command import train_on

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER


@pytest.fixture(scope="module")
def trained(prepared, tmp_path_factory):
    """A data directory of its own, with a flow long enough to train on and runs of two seeds."""
    from dashboard_fixtures import smooth_flow

    folder = tmp_path_factory.mktemp("trained") / "data"
    shutil.copytree(prepared, folder, ignore=shutil.ignore_patterns("runs"))
    store.write_flow(smooth_flow(100, 16, 16), folder / "long.zarr")
    for seed in (0, 1):
        place = folder / "runs" / "first" / f"seed-{seed}"
        train_on(str(folder / "long.zarr"), place, preset="smoke", updates=4, seed=seed)
    return folder


@pytest.fixture(scope="module")
def book(trained):
    found = RunBook([trained / "runs"])
    found.refresh()
    return found


@pytest.fixture(scope="module")
def allowing(trained, tmp_path_factory):
    """The address of a server whose visitors may train."""
    variables = {"SYMDYN_ALLOW_TRAINING": "1", "SYMDYN_FLOWS": str(trained / "long.zarr")}
    with served(trained, tmp_path_factory.mktemp("allowing"), **variables) as found:
        yield found


@pytest.fixture(scope="module")
def forbidding(trained, tmp_path_factory):
    """The address of a server as it is by default."""
    with served(trained, tmp_path_factory.mktemp("forbidding")) as found:
        yield found


def test_runs_are_listed_and_opened_but_none_is_started(page, forbidding, book):
    first, second = book.records.values()
    page.goto(f"{forbidding}?page=runs&runs.run=first/seed-1")
    wait_for_text(page, "2 training runs")
    cells = page.locator('.tabulator-row .tabulator-cell[tabulator-field="best"]')
    assert sorted(cells.all_inner_texts()) == sorted(f"{r.best:.4f}" for r in (first, second))
    card = page.locator("table", has_text="parameters").last.inner_text()
    assert f"{second.facts['parameters']:,}".replace(",", " ") in card
    assert f"{second.best:.3g}" in card and "finished" in card
    assert page.get_by_role("button", name="Start a small training").count() == 0
    page.get_by_role("button", name="Open as B").click()
    page.wait_for_function("() => location.search.includes('page=explore')")
    assert "b=run:first/seed-1" in page.url
    assert page.problems == []


def test_a_training_is_started_cancelled_and_continued(page, browser, allowing, trained):
    page.goto(f"{allowing}?page=runs")
    wait_for_text(page, "2 training runs")
    page.get_by_role("button", name="Start a small training").click()
    start = page.get_by_role("button", name="Start training")
    start.click()  # the first flow of the list
    wait_for_text(page, "Choose a longer flow")
    page.get_by_label("Data", exact=True).first.click()
    page.get_by_text("long", exact=True).last.click()
    updates = page.get_by_label("Updates").first
    updates.fill("2000")
    updates.press("Enter")
    start.click()
    wait_for_text(page, "of 2000 updates")
    folder = trained / "runs" / "dashboard" / "long-resnet-plain-seed-0"
    book = RunBook([folder.parent])
    book.refresh()
    assert book.records[folder].status == "running"

    # Others see it, and that it is not theirs to cancel.
    other = watched_page(browser)
    other.goto(f"{allowing}?page=runs")
    wait_for_text(other, "Another visitor started this training and is still here")
    assert other.get_by_role("button", name="Cancel the training").count() == 0
    assert other.problems == []
    other.close()

    page.get_by_role("button", name="Cancel the training").click()
    wait_for_text(page, "stopped before its end")
    book.refresh()
    found = book.records[folder]
    assert found.status == "stopped" and 1 <= found.updates < 2000
    assert (folder / "state.ckpt").is_file()

    go_on = page.get_by_role("button", name="Continue", exact=True)
    go_on.click()
    page.get_by_role("button", name="Cancel the training").wait_for()
    go_on.wait_for(state="hidden")
    again = RunBook([folder.parent])
    again.refresh()
    assert again.records[folder].status == "running"
    page.get_by_role("button", name="Cancel the training").click()
    go_on.wait_for()
    again.refresh()
    assert again.records[folder].status == "stopped"
    assert again.records[folder].updates >= found.updates - 10, "from the last checkpoint on"
    assert page.problems == []
