"""Spectra and growth: what interpolation alone does, and two measures of spectral error."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from symdyn_core import metrics

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def read(state):
    """Results of a rotation, read up to a lead."""
    from app.compute import compare
    from app.results import Results

    def made(angle: float, leads: int = 10) -> Results:
        state.set_links((("rotation", (angle,)),))
        results = Results(compare(state.question))
        for lead in range(1, leads + 1):
            results.comparison.a.scores(lead)
            results.comparison.b.scores(lead)
            results.read(lead)
        return results

    return made


def test_the_floor_comes_with_the_last_lead_and_lies_under_the_errors(read):
    early = read(30.0, leads=3)
    assert not early.floor_rmse and early.spectra[1].floor is None
    whole = read(30.0)
    assert len(whole.floor_rmse) == 10
    assert all(f < a for f, a in zip(whole.floor_rmse, whole.scores["a"].rmse, strict=True))
    for spectra in whole.spectra.values():
        assert spectra.floor.shape == spectra.k.shape
        assert spectra.floor.sum() < 0.1 * spectra.error_b.sum()


def test_quarter_turns_have_no_floor(read):
    whole = read(90.0)
    assert whole.floor_rmse == () and whole.spectra[4].floor is None


def test_growth_is_that_of_the_library(read):
    from app.panels.curves import columns

    results = read(90.0)
    comparison = results.comparison
    scene = comparison.scene
    truth = torch.stack([scene.truth(lead)[0] for lead in range(1, 11)])[None]
    known = torch.stack([scene.truth(lead)[1] for lead in range(1, 11)])[None, :, None]
    expected = metrics.correlation(comparison.a.moved.up_to(10)[None], truth, known)
    found = columns(results, "correlation")
    assert found["a"] == pytest.approx(expected.tolist())
    still = scene.window[-1].expand_as(truth)
    rmse = metrics.rmse_by_lead(still, truth, known).tolist()
    assert columns(results, "rmse")["persistence"] == pytest.approx(rmse)
    assert all(math.isnan(value) for value in columns(results, "rmse")["floor"])
    assert results.correlation_time("a") == metrics.correlation_time(expected, 1.0)


def test_a_perfect_forecast_has_no_spectral_error(read):
    from app.panels.spectra_error import measures

    spectra = read(90.0).spectra[5]
    perfect = replace(spectra, a=spectra.truth, error_a=np.zeros_like(spectra.truth))
    for measure in ("ratio", "difference"):
        found = measures(perfect, measure)
        assert np.abs(found["a"]).max() == 0.0 and np.abs(found["b"]).max() > 0.1
    twice = replace(spectra, a=10 * spectra.truth)
    np.testing.assert_allclose(measures(twice, "ratio")["a"], 1.0)


def test_the_published_spectrum_needs_two_leads(read):
    results = read(30.0)
    assert results.turbulence(1) is None
    two = results.turbulence(2)
    assert two.words.startswith("leads 1 to 2") and two.floor is not None
    assert not np.allclose(two.a, results.turbulence(3).a)


def test_the_player_goes_round(state):
    from app.panels.lead_player import LeadPlayer

    player = LeadPlayer(state)
    state.lead = state.steps - 1
    player.step()
    assert state.lead == player.slider.value == state.steps
    player.step()
    assert state.lead == player.slider.value == 1
    player.slider.value = 4
    assert state.lead == 4
    state.steps = 20
    assert player.slider.end == 20


def test_names_of_slopes_stand_beyond_all_lines(read):
    from app.panels.spectrum import SpectraFigure

    spectra = read(90.0, leads=3).spectra[3]
    made = SpectraFigure()
    made.update(spectra, "")
    last = max(made.lines.data["k"])
    assert made.names.data["k"] == [last, last] and made.words.glyph.text_align == "left"
    # Room for the longer name in the projector theme, where axes are as wide as on a phone, on a
    # laptop and at 4K, in letters of their own: past the end of the axis, where nothing cuts it.
    assert made.words.level == "annotation"
    low, high = made.figure.x_range.start, made.figure.x_range.end
    for wide, letter in ((260, 15), (370, 15), (1400, 21)):
        free = wide * math.log(high / last) / math.log(high / low) + made.figure.min_border_right
        assert free > 4 + 2.3 * letter
    # One over the other by more than a line where it is 200 pixels high.
    upper, lower = made.names.data["level"]
    axis = made.figure.y_range
    assert 200 * math.log(upper / lower) / math.log(axis.end / axis.start) > 12


def test_a_table_that_goes_on_beyond_the_edge_has_a_shade_there():
    """It stays with the edge; the cover that hides it at the end of the table moves with it."""
    import re

    from app.panels.story import STYLE
    from app.themes import PAGE, THEMES

    (rule,) = re.findall(r"\.story \.scroll \{([^}]*)\}", STYLE)
    cover, shade = re.findall(r"linear-gradient\(to left, var\((--\w+)\).*?no-repeat (\w+)", rule)
    assert cover == ("--cover", "local") and shade == ("--shade", "scroll")
    assert "overflow-x: auto" in rule and "--cover: var(--symdyn-ground" in rule
    grounds = dict(re.findall(r"data-symdyn=(\w+)\] \{ --symdyn-ground: (#\w+);", PAGE))
    papers = {name: look["palette"]["background"]["paper"] for name, look in THEMES.items()}
    assert grounds == papers and len(set(papers.values())) > 1
