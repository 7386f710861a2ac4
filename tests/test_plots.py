"""Pictures show what the data say: orientation, units, shared scales, readable without colour."""

import io
import math

import holoviews as hv
import numpy as np
import pytest
import torch
import xarray as xr
from PIL import Image

from symdyn_core import plots
from symdyn_core.datasets import schema
from symdyn_core.equivariance import AuditRow
from symdyn_core.experiments.audit_table import audit_table
from symdyn_core.grid import Grid
from symdyn_core.plots import maps, style
from symdyn_core.symmetries import Reflection, Rotation
from tests.conftest import mock_flow


@pytest.fixture(autouse=True, params=["matplotlib", "bokeh"])
def backend(request):
    hv.extension(request.param)
    return request.param


def options(element, backend: str) -> dict:
    found: dict = {}
    for group in ("plot", "style"):
        found |= hv.Store.lookup_options(backend, element, group).kwargs
    return found


def png(element) -> np.ndarray:
    buffer = io.BytesIO()
    hv.save(element, buffer, fmt="png", backend="matplotlib", dpi=60)
    return np.asarray(Image.open(buffer).convert("RGB")).astype(int)


def drawn(element, backend: str) -> None:
    """Draw in the active backend; in matplotlib down to pixels."""
    if backend == "matplotlib":
        assert png(element).std() > 0
    else:
        hv.render(element, backend="bokeh")


def frame(**kwargs) -> xr.Dataset:
    return mock_flow(**{"frames": 2, "ny": 12, "nx": 16, **kwargs}).isel(time=0)


def test_rows_run_north_and_columns_east(backend):
    values = frame()["u"] * 0
    values[9, 2] = 1.0  # high up, on the left
    image = plots.field(values)
    x, y = float(values.x[2]), float(values.y[9])
    assert image[x, y] == 1.0
    if backend == "matplotlib":
        yellow = png(image.opts(colorbar=False))
        yellow = (yellow[..., 0] > 200) & (yellow[..., 1] > 200) & (yellow[..., 2] < 100)
        rows, columns = np.nonzero(yellow)
        assert rows.mean() < yellow.shape[0] / 2  # pictures count rows downwards
        assert columns.mean() < yellow.shape[1] / 2


def test_cells_are_square_and_axes_have_units(backend):
    flow = frame(dx=2e4, dy=3e4)
    for name in ("x", "y"):
        flow[name].attrs["units"] = "m"
    flow["u"].attrs["units"] = "m s-1"
    flow["u"].attrs["long_name"] = "eastward velocity"
    found = options(plots.field(flow["u"]), backend)
    assert found["xlabel"] == "x [km]"
    assert found["clabel"] == "eastward velocity [m s⁻¹]"
    equal = {"matplotlib": ("aspect", "equal"), "bokeh": ("data_aspect", 1)}[backend]
    assert found[equal[0]] == equal[1]
    small = frame()
    assert options(plots.field(small["u"]), backend)["xlabel"] == "x"


def test_signed_fields_have_zero_in_the_middle(backend):
    values = frame()["u"]
    low, high = options(plots.field(values), backend)["clim"]
    assert -low == high == pytest.approx(float(abs(values).max()))
    found = options(plots.field(abs(values)), backend)
    assert found["clim"][0] == pytest.approx(float(abs(values).min()))
    assert found["cmap"] != options(plots.field(values), backend)["cmap"]


def test_arrows_follow_the_flow(backend):
    flow = frame()
    flow["u"][:], flow["v"][:] = 0.0, 2.0
    image, arrows = plots.speed_and_arrows(flow, arrows=4)
    assert np.allclose(arrows.dimension_values("direction"), math.pi / 2)
    assert np.allclose(arrows.dimension_values("length"), 2.0)
    assert np.allclose(image.dimension_values(2), 2.0)
    assert len(arrows) <= 4 * 4
    drawn(image * arrows, backend)


def test_no_arrows_on_land(backend):
    flow = frame(land=True)
    _, arrows = plots.speed_and_arrows(flow, arrows=16)
    assert len(arrows) == int(flow["water"].sum())
    drawn(plots.speed_and_arrows(flow), backend)


def test_vorticity_of_a_solid_rotation(backend):
    grid = Grid(12, 12, dy=0.5, dx=0.5)
    x, y = grid.x().expand(12, 12), grid.y()[:, None].expand(12, 12)
    turning = schema.from_tensor(torch.stack((-3 * y, 3 * x))[None], grid, time_unit="s")
    zeta = maps.vorticity_of(turning.isel(time=0))
    assert np.allclose(zeta, 6.0, atol=1e-4)
    assert zeta.attrs["units"] == "s-1"
    drawn(plots.vorticity(turning.isel(time=0)), backend)


def test_vorticity_is_unknown_at_the_coast():
    flow = frame(land=True)
    zeta = maps.vorticity_of(flow)
    assert np.isnan(zeta.values[~flow["water"].values]).all()
    assert 0 < np.isfinite(zeta).sum() < flow["water"].sum()


def forecasts() -> xr.Dataset:
    flow = mock_flow(frames=5)
    models = xr.DataArray(["truth", "model"], dims="model")
    both = [flow, flow.assign(u=5 * flow.u, v=5 * flow.v)]
    return xr.concat(
        both, dim=models, data_vars="all", coords="minimal", compat="override", join="exact"
    )


def test_compared_forecasts_share_their_colours(backend):
    layout = plots.compare(forecasts(), leads=(1, 3))
    assert len(layout) == 4
    assert len({options(image, backend)["clim"] for image in layout}) == 1
    titles = [options(image, backend)["title"] for image in layout]
    assert titles == ["truth, frame 1", "truth, frame 3", "model, frame 1", "model, frame 3"]
    drawn(layout, backend)
    alone = plots.field(plots.speed(forecasts()).isel(model=0, time=0))
    assert options(alone, backend)["clim"] != options(next(iter(layout)), backend)["clim"]


def table() -> xr.Dataset:
    lead, k = [0.5, 1.0, 1.5], [0.0, 1.0, 2.0, 3.0]
    results = xr.Dataset(
        {
            "rmse_by_lead": (("model", "lead_time"), [[1.0, 2, 3], [1.5, 2.5, 3.5]]),
            "persistence_rmse_by_lead": (("lead_time",), [2.0, 4, 6]),
            "energy_spectrum": (("model", "wavenumber"), [[9.0, 3, 2, 1], [9.0, 4, 2, 1]]),
            "truth_energy_spectrum": (("wavenumber",), [9.0, 3, 2, 1]),
        },
        coords={"model": ["plain", "rotation"], "lead_time": lead, "wavenumber": k},
    )
    results["rmse_by_lead"].attrs = {"long_name": "error", "units": "m s-1"}
    results["lead_time"].attrs = {"long_name": "lead time", "units": "s"}
    results["wavenumber"].attrs = {"long_name": "wavenumber", "units": "rad/(m)"}
    return results


def test_error_growth_starts_at_zero_and_names_everything(backend):
    overlay = plots.error_growth(table())
    assert [curve.label for curve in overlay] == ["persistence", "plain", "rotation"]
    found = options(overlay, backend)
    assert found["ylim"] == (0.0, pytest.approx(6.3))
    assert found["xlabel"] == "lead time [s]"
    assert found["ylabel"] == "root mean square error [m s⁻¹]"
    drawn(overlay, backend)


def test_curves_differ_in_colour_and_dashes(backend):
    _, plain, rotation = plots.error_growth(table())
    one, other = options(plain, backend), options(rotation, backend)
    dashes = "linestyle" if backend == "matplotlib" else "line_dash"
    assert one["color"] != other["color"]
    assert one[dashes] != other[dashes]


def test_spectra_are_logarithmic_and_leave_the_mean_flow_out(backend):
    overlay = plots.spectra(table())
    assert all(0.0 not in curve.dimension_values(0) for curve in overlay)
    assert options(overlay, backend)["logx"] and options(overlay, backend)["logy"]
    drawn(overlay, backend)
    drawn(plots.spectra(table().isel(model=0)), backend)


def test_tables_of_many_test_sets_are_refused():
    many = table().expand_dims(test_set=["original", "rotation"])
    with pytest.raises(ValueError, match="Choose one test set"):
        plots.error_growth(many)


def rows(symmetry: str, elements, error: float) -> list[AuditRow]:
    return [AuditRow(symmetry, e, error, 2 * error, error, 4, 1.0) for e in elements]


def test_equivariance_curves_show_even_no_error_at_all(backend):
    audits = {
        "plain": rows("rotation", [90.0, 45.0, 180.0], 0.5),
        "steerable": rows("rotation", [45.0, 90.0], 0.0) + rows("magnitude", [2.0], 0.1),
    }
    results = audit_table(audits, Rotation())
    assert results["element"].values.tolist() == [45, 90, 180]
    assert np.isnan(results["error_median"].sel(model="steerable", element=180))
    assert results["error_max"].sel(model="plain", element=45) == 1.0
    overlay = plots.equivariance_curve(results)
    lowest = min(np.nanmin(layer.dimension_values("error_median")) for layer in overlay)
    assert lowest > 0
    assert options(overlay, backend)["xlabel"] == "angle [degrees]"
    drawn(overlay, backend)


def test_audits_of_another_symmetry_make_no_table():
    with pytest.raises(ValueError, match="audits of the symmetry reflection"):
        audit_table({"plain": rows("rotation", [90.0], 0.5)}, Reflection())


def test_a_flow_with_time_is_no_field():
    with pytest.raises(ValueError, match="Choose one time"):
        plots.field(mock_flow()["u"])
    with pytest.raises(ValueError, match="between 1 and 5 frames"):
        plots.compare(forecasts(), leads=(1, 9))


@pytest.mark.parametrize(
    ("unit", "text"),
    [("m s-1", "m s⁻¹"), ("(m s-1)2", "(m s⁻¹)²"), ("K", "K"), ("10 kg m-3", "10 kg m⁻³")],
)
def test_units_are_pretty(unit, text):
    assert style.pretty(unit) == text


def test_constant_and_empty_fields_have_limits():
    assert style.limits(np.full(3, 2.0)) == (2.0, 3.0)
    assert style.limits(np.full(3, np.nan)) == (0.0, 1.0)
    assert style.limits(np.zeros(3), signed=True) == (-1.0, 1.0)
    assert style.limits(np.r_[np.ones(99), 50.0], signed=True, share=0.98) == (-1.0, 1.0)
