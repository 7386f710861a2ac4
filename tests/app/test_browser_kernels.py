"""The page of kernels in a browser: its numbers are those of the library, its controls work."""

import re

from browser_tools import BROWSER, share

from symdyn_core.equivariance.kernels import filters, framed, halves
from symdyn_core.equivariance.kernels.field_types import PlanarElement
from symdyn_core.equivariance.kernels.framed import neighbourhood
from symdyn_core.models import zoo

pytest_plugins = ("dashboard_fixtures", "browser_fixtures")
pytestmark = BROWSER


def error(page, model: str) -> str:
    return page.locator(f"td[data-model={model}]").inner_text()


def wait_for_error(page, model: str, text: str) -> None:
    page.locator(f"td[data-model={model}]").get_by_text(text, exact=True).wait_for()


def test_filters_turn_with_the_slider(page, address, data):
    from app.wording import percent

    layers = {
        name: filters(zoo.load(f"rbc-resnet-{kit}", folder=data / "zoo"))
        for name, kit in (("a", "rotation"), ("b", "plain"))
    }

    def expected(name: str, layer: int, angle: float) -> str:
        return percent(halves(layers[name][layer], PlanarElement(angle)).residual)

    page.goto(f"{address}?page=kernels")
    wait_for_error(page, "b", expected("b", 0, 45.0))
    assert share(error(page, "a")) < 1e-5 and share(error(page, "b")) > 0.3
    page.get_by_text("the two are equal").wait_for()

    # One degree farther, and to the next angle of the group.
    page.get_by_role("slider", name="Turn").focus()
    page.keyboard.press("ArrowRight")
    wait_for_error(page, "b", expected("b", 0, 46.0))
    page.wait_for_url(re.compile(r"kernels\.angle=46"))
    page.get_by_role("button", name="Next angle").click()
    wait_for_error(page, "b", expected("b", 0, 90.0))

    # Figures grow with the window, and back; their colours have scales.
    basis = page.get_by_role("img", name="Functions of which")
    assert page.get_by_role("img", name="Colours from").count() == 3
    small = basis.bounding_box()["height"]
    size = page.viewport_size
    page.set_viewport_size({"width": 3840, "height": 2160})
    page.wait_for_function(
        "([figure, least]) => figure.clientHeight > least", arg=[basis.element_handle(), 3 * small]
    )
    page.set_viewport_size(size)
    page.wait_for_function(
        "([figure, least]) => figure.clientHeight <= least", arg=[basis.element_handle(), small]
    )

    # Another layer, which is steerable at the angles of its group alone.
    page.goto(f"{address}?page=kernels&kernels.layer=2&kernels.angle=60")
    wait_for_error(page, "a", expected("a", 2, 60.0))
    assert share(error(page, "a")) > 0.01
    page.get_by_text("none of its own angles").wait_for()

    # The link restores the view, and the other model has its own filters.
    page.reload()
    wait_for_error(page, "a", expected("a", 2, 60.0))
    page.get_by_role("button", name="Model B").click()
    page.get_by_text("it answers a turned flow with another forecast").wait_for()
    page.wait_for_url(re.compile(r"kernels\.model=b.*kernels\.layer=2.*kernels\.angle=60"))
    assert page.problems == []


def test_frames_move_and_filters_do_not(page, address, data, state):
    from app.wording import percent

    page.goto(f"{address}?page=kernels&a=rbc-resnet-magnitude")
    page.get_by_text("The filter: unchanged").wait_for()
    assert share(error(page, "a")) < 1e-5
    plain = zoo.load("rbc-resnet-plain", folder=data / "zoo", periodic=None)
    layer, flow = filters(plain)[0], state.flow
    window = flow.w[0, state.now - plain.past + 1 : state.now + 1][None].float()
    found = framed(layer, neighbourhood(plain, layer, window), factor=2.0)
    assert share(error(page, "b")) > 1e-3
    wait_for_error(page, "b", percent(found.residual))

    # What has no filters says so, and leaves the page in order.
    page.goto(f"{address}?page=kernels&a=persistence")
    page.get_by_text("is no network with filters").wait_for()
    page.get_by_role("button", name="Model B").click()
    page.get_by_text("This layer maps").wait_for()
    assert page.problems == []
