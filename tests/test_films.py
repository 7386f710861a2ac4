"""Films and figures of a comparison: a frame for each lead, all leads on one scale of colours."""

import io

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("av", reason="needs the extra `app`")
Image = pytest.importorskip("PIL.Image", reason="needs the extra `app`")

LEADS, CELLS = 4, 12
KEYS = ("input", "truth", "a", "b", "error_a", "error_b")


@pytest.fixture
def view() -> xr.Dataset:
    """A made-up comparison: fields that grow from lead to lead, unknown in a corner."""
    lead, axis = np.arange(1, LEADS + 1), np.linspace(-1, 1, CELLS)
    growing = lead[:, None, None] * (axis[:, None] + axis) / LEADS
    growing[:, :3, :3] = np.nan
    found = xr.Dataset(coords={"lead": lead, "y": axis, "x": axis})
    found = found.assign_coords(lead_time=("lead", 0.5 * lead, {"units": "days"}))
    for key in KEYS:
        words = {"picture": key, "long_name": f"picture {key}", "units": "m s-1"}
        steady = key == "input"
        dims = ("y", "x") if steady else ("lead", "y", "x")
        found[f"u_{key}"] = (dims, growing[0] if steady else growing, words)
    for name in ("a", "b", "persistence"):
        for score in ("rmse", "ese", "correlation", "equivariance_error"):
            found[f"{score}_{name}"] = ("lead", 0.1 * lead)
    k = np.tile(np.arange(1.0, 7.0), (LEADS, 1))
    for name in ("wavenumber", "truth", "a", "b"):
        found[f"energy_spectrum_{name}"] = (("lead", "energy_ring"), k if name[0] == "w" else k**-3)
    found["error_limit"] = ("lead", np.ones(LEADS))
    found.attrs = {
        **{"heading": "made up", "layout": "forecasts", "limit": 2.0, "signed": 1},
        **{"field_title": "Velocity u", "field_unit": "m s⁻¹", "error_title": "error"},
    }
    return found


def test_all_leads_share_the_colours_and_show_their_own_field(view):
    from symdyn_core.plots.forecast_pictures import ForecastPictures

    pictures = ForecastPictures(view)
    limits = {}
    for lead in (1, LEADS):
        pictures.show(lead)
        shown = pictures.images["a"].get_array()
        expected = view["u_a"].sel(lead=lead).values
        np.testing.assert_array_equal(shown.filled(np.nan), expected)
        limits[lead] = pictures.images["a"].get_clim()
        assert f"lead {lead}: {0.5 * lead:g} days" in pictures.heading.get_text()
    assert limits[1] == limits[LEADS] == (-2.0, 2.0)
    assert pictures.images["a"].origin == "lower", "y runs upwards"
    with pytest.raises(ValueError, match=f"between 1 and {LEADS}"):
        pictures.show(LEADS + 1)


def test_curves_are_those_of_the_view(view):
    from symdyn_core.plots.forecast_curves import ForecastCurves

    curves = ForecastCurves(view)
    curves.show(2)
    lines = {line.get_label(): line for line in curves.spectra.get_lines()}
    np.testing.assert_allclose(lines["A"].get_ydata(), view["energy_spectrum_a"].sel(lead=2))
    growth = curves.growths["rmse"].get_lines()[0]
    np.testing.assert_allclose(growth.get_ydata(), view["rmse_persistence"])
    missing = ForecastCurves(view.drop_vars("energy_spectrum_truth"))
    assert any("no spectrum" in text.get_text() for text in missing.spectra.texts)


def test_films_have_a_frame_for_each_lead_and_can_be_stopped(view):
    from symdyn_core.plots.films import film
    from symdyn_core.plots.forecast_pictures import ForecastPictures

    seen: list[int] = []
    made = film(ForecastPictures(view), range(1, LEADS + 1), "gif", progress=seen.append)
    opened = Image.open(io.BytesIO(made))
    assert seen == [1, 2, 3, 4] and opened.n_frames == LEADS
    assert opened.convert("RGB").getpixel((1, 1)) == (255, 255, 255)

    def stop(lead: int) -> None:
        if lead == 2:
            raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        film(ForecastPictures(view), range(1, LEADS + 1), "mp4", progress=stop)
