"""Heights of figures and tables: they fill large windows, and leave small ones as they are."""

import re

import pytest

from app.panels.audit_layers import GROWTH, short_names
from app.panels.figures import Card, bare_figure, beside
from app.panels.sizes import grown, lines, table

PHONE, LAPTOP, FOUR_K = (390, 844), (1280, 720), (3840, 2160)


def pixels(length: str, window: tuple[int, int], letter: float = 16.0) -> float:
    """What browsers make of a length in a style sheet."""
    width, height = window
    units = {"vh": height / 100, "vw": width / 100, "rem": letter, "px": 1.0}
    number = re.compile(r"(-?[\d.]+)(vh|vw|rem|px)")
    text = number.sub(lambda found: str(float(found[1]) * units[found[2]]), length)
    return float(eval(text.replace("calc", ""), {"max": max, "min": min}))


@pytest.mark.parametrize("window", [PHONE, LAPTOP])
def test_small_windows_keep_the_least_height(window):
    assert pixels(grown(260, 0.25), window) == 260
    assert pixels(lines(21, GROWTH)["min-height"], window) == 20 * 21 + 90
    # Larger letters of the projector theme need no more room there.
    assert pixels(lines(21, GROWTH)["min-height"], window, letter=19.2) == 20 * 21 + 90


def test_three_lines_of_cards_fill_a_4k_window():
    heights = [pixels(grown(*pair), FOUR_K) for pair in ((350, 0.2), (300, 0.22), (260, 0.25))]
    assert 0.8 * 2160 < sum(heights) < 2160 - 150
    assert sum((350, 300, 260)) < 0.45 * 2160, "without growth half of it is empty"


def test_a_card_grows_and_its_column_has_no_width_of_a_line():
    card = Card(bare_figure("", "", ""), 260, growth=0.25)
    assert pixels(card.figure.styles["min-height"], FOUR_K) == 260 + 0.25 * 1440
    dial = Card(bare_figure("", "", ""), 400, 0, shape=1, growth=0.6)
    assert pixels(dial.figure.styles["max-width"], FOUR_K) == 720 + 0.6 * 1440
    assert pixels(dial.figure.styles["max-width"], LAPTOP) == 720
    # In a column the basis of a flexible box would be a height.
    assert beside(0) == {} and dial.column.styles == {}


def test_as_many_cards_in_a_line_at_4k_as_on_a_full_hd_window():
    basis = beside(380)["flex"].removeprefix("1 1 ")
    assert pixels(basis, LAPTOP) == 380
    assert 3840 // pixels(basis, FOUR_K) == 1920 // pixels(basis, (1920, 1080)) == 3


def test_a_table_is_as_high_inside_as_outside():
    given = table(392, 0.2)
    least = given["styles"]["min-height"]
    assert pixels(least, FOUR_K) == 392 + 0.2 * 1440
    assert least in given["stylesheets"][0]


@pytest.mark.parametrize("count", [15, 21, 60])
def test_names_of_layers_do_not_touch_at_4k(count):
    """In letters of the projector theme, the largest that there are."""
    letter = min(11.4 + 0.00408 * 3840, 1.8 * 16)
    words = 0.8125 * letter
    of_one = (pixels(lines(count, GROWTH)["min-height"], FOUR_K, letter) - 4.6 * letter) / count
    assert of_one > 1.15 * words
    assert words > 20, "lines of 20 pixels, which fit on a laptop, would touch"


def test_names_of_layers_are_cut_between_words():
    layers = [f"network.blocks.{n}.{part}" for n in range(4) for part in ("first", "skip.conv")]
    layers += [f"network.blocks.{n}.first.convolution" for n in range(4)]
    layers += ["network.lift", "network.averylongnamewithoutanyplacetocut"]
    names = short_names(layers)
    assert names["network.blocks.0.first"] == "blocks.0.first"
    assert names["network.blocks.1.first.convolution"] == "…1.first.convolution"
    assert len(set(names.values())) == len(layers)
    for layer, name in names.items():
        parts = name.removeprefix("…").split(".")
        assert layer.split(".")[-len(parts) :] == parts, "whole parts of the path, to its end"


def test_names_that_end_alike_are_whole():
    layers = [f"{side}.blocks.0.first.convolution" for side in ("encoder", "decoder")]
    assert short_names(layers) == {layer: layer for layer in layers}
