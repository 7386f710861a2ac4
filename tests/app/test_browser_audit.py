"""The page of audits in a browser: its numbers are those of the library, its controls work."""

import csv
import math
import re

import pytest
from browser_tools import BROWSER

from symdyn_core.equivariance.curves import audit
from symdyn_core.symmetries import named

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER


def measured(state, model: str, symmetry: str, elements: int):
    """The audit of a model by the library alone."""
    from app import catalogue
    from app.compute import forecaster_for

    forecaster = forecaster_for(catalogue.model(model), state.flow, 0)
    return audit(
        forecaster, state.flow.windows(forecaster.past), samples=8, symmetries=[named(symmetry)],
        elements=elements, velocity_unit=state.flow.rms,
    )  # fmt: skip


def done(page) -> None:
    """Wait until nothing is being measured."""
    page.locator("p[data-measured='100']").wait_for()


def test_the_page_of_audits(page, address, state):
    from app.wording import percent

    page.goto(f"{address}?page=audit")
    rows = measured(state, state.model_b, "rotation", 25)
    worst = max(rows, key=lambda row: row.error_median)
    page.get_by_text(f"turned by {worst.element:g}°: {percent(worst.error_median)}").wait_for()
    done(page)

    # The table holds every number that is drawn.
    with page.expect_download() as download:
        page.get_by_role("button", name="Table").click()
    with open(download.value.path()) as file:
        lines = [line for line in csv.DictReader(file) if line["model"] == state.model_b]
    assert [float(line["parameter_1"]) for line in lines] == [row.element for row in rows]
    found = [float(line["error_median"]) for line in lines]
    assert found == pytest.approx([row.error_median for row in rows], rel=1e-4)

    # Layers of the other model.
    page.get_by_text("Ordinary ResNet loses").wait_for()
    page.get_by_role("button", name="Layers of A").click()
    page.get_by_text(re.compile("Rotation-equivariant ResNet loses")).wait_for()
    page.wait_for_url(re.compile(r"audit\.inside=a"))

    # A click on a point of the dial opens that transformed window.
    quarter = next(row for row in rows if row.element == 90.0)
    click_on_the_dial(page, quarter.error_median)
    page.wait_for_url(re.compile(r"page=explore.*symmetry=rotation&element=90"))
    assert page.problems == []


def click_on_the_dial(page, error: float) -> None:
    """A click on the point at 90 degrees, straight above the middle."""
    from app.panels.audit_dial import EDGE, SMALLEST

    dial = page.get_by_role("img", name=re.compile("Equivariance error")).first
    dial.scroll_into_view_if_needed()
    box = dial.bounding_box()
    radius = math.log10(error / SMALLEST) / EDGE * box["height"] / 2
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - radius)


def test_another_symmetry_and_a_model_without_layers(page, address, state):
    from app.wording import percent

    page.goto(f"{address}?page=audit&b=persistence&audit.symmetry=magnitude")
    rows = measured(state, state.model_a, "magnitude", 9)
    worst = max(rows, key=lambda row: row.error_median)
    page.get_by_text(percent(worst.error_median)).first.wait_for()
    page.get_by_text("loses no symmetry in any layer").wait_for()
    page.get_by_text(re.compile("Persistence.*follows everywhere")).wait_for()
    assert page.problems == []
