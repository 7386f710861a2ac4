"""Pages of the dashboard in a notebook."""

import asyncio

import pytest

pytest_plugins = ("dashboard_fixtures",)


def parts(view, kind):
    return [part for part in view.select() if isinstance(part, kind)]


def test_a_page_answers_in_the_loop_of_the_notebook(data):
    from app.field_view import FieldView
    from app.in_notebook import dashboard

    async def cell():
        view = dashboard("explore", links=(("rotation", (37.0,)),), model_b="rbc-unet-plain")
        (pictures,) = parts(view, FieldView)
        packets = []

        def tell(_story, _charts, packet=None):
            packets.extend([] if packet is None else [packet])

        pictures.tell = tell
        for _ in range(600):
            await asyncio.sleep(0.05)
            if len(packets) > 1:
                return packets
        raise AssertionError("no frames came")

    assert all(isinstance(packet, bytes) for packet in asyncio.run(cell()))


def test_what_cannot_be_shown_is_told(data):
    from app.in_notebook import dashboard

    with pytest.raises(ValueError, match="no page 'maps'; choose from explore"):
        dashboard("maps")
    with pytest.raises(ValueError, match="no colour to choose"):
        dashboard("explore", colour="red")
    with pytest.raises(ValueError, match="rbc-resnet-plain"):
        dashboard("explore", model_a="nobody")
    with pytest.raises(ValueError, match="slowly"):
        dashboard("explore", view="slowly")
