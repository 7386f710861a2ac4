"""Files of a view hold the numbers that are shown, open as what they are, and can be made again."""

import asyncio
import io
import itertools
import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

pytest_plugins = ("dashboard_fixtures",)

LEADS = 10


@pytest.fixture
def wish(state):
    """Makes what is to be exported: of a state, with the forecasts of ``leads`` leads."""
    from app.compute import compare
    from app.exports import Wish
    from app.pictures import Display
    from app.results import Results

    def made(*, links=(("rotation", (30.0,)),), leads=LEADS, field="speed", view="forecasts"):
        state.set_links(links)
        comparison = compare(state.question)
        results = Results(comparison)
        for lead in range(1, leads + 1):
            comparison.a.scores(lead)
            comparison.b.scores(lead)
            results.read(lead)
        display = Display(field, "error", "steady", False, view, "none")
        return Wish(results, display, 3, "explore", "http://localhost/app?x=1")

    return made


def exported(wish, key: str) -> tuple[str, bytes]:
    from app.exports import Exports

    return asyncio.run(Exports().make(wish, key))


def dataset(content: bytes, tmp_path):
    import xarray as xr

    path = tmp_path / "view.nc"
    path.write_bytes(content)
    with xr.open_dataset(path) as opened:
        return opened.load()


@pytest.mark.parametrize("view, field", [("forecasts", "vorticity"), ("square", "speed")])
def test_data_are_the_numbers_that_are_shown(wish, view, field, tmp_path):
    from app.headers import header
    from app.pictures import Painter

    wanted = wish(view=view, field=field)
    found = dataset(exported(wanted, "netcdf")[1], tmp_path)
    painter = Painter(wanted.results.comparison, wanted.display)
    keys = header(painter)["pictures"]
    for lead in (1, LEADS):
        for key, shown in painter.frame(lead, {}).fields.items():
            if key not in keys:
                continue
            array = found[f"{field}_{key}"]
            array = array.sel(lead=lead) if "lead" in array.dims else array
            np.testing.assert_array_equal(array.values, shown)
    assert {f"{field}_{key}" for key in keys} <= set(found.data_vars)
    scores = wanted.results.scores["b"]
    np.testing.assert_allclose(found["rmse_b"], scores.rmse)
    np.testing.assert_allclose(found["equivariance_error_b"], scores.equivariance)
    k = np.asarray(wanted.results.spectra[3].k)
    np.testing.assert_allclose(found["energy_spectrum_wavenumber"].sel(lead=3)[: len(k)], k)
    np.testing.assert_allclose(
        found["energy_spectrum_a"].sel(lead=3)[: len(k)], wanted.results.spectra[3].a
    )


def test_errors_are_forecast_minus_truth_and_know_where_they_come_from(wish, tmp_path):
    wanted = wish()
    found = dataset(exported(wanted, "netcdf")[1], tmp_path)
    for component in ("u", "v"):
        difference = found[f"{component}_velocity_a"] - found[f"{component}_velocity_truth"]
        np.testing.assert_array_equal(difference, found[f"{component}_velocity_error_a"])
    assert bool(np.isnan(found["u_velocity_truth"]).any()), "corners are unknown at 30 degrees"
    question = wanted.results.comparison.question
    assert found.attrs["model_a"] == question.model_a
    assert len(found.attrs["model_a_card_sha256"]) == 64
    assert found.attrs["model_a_card_sha256"] != found.attrs["model_b_card_sha256"]
    assert json.loads(found.attrs["transformation_chain"]) == [["rotation", [30.0]]]
    assert found.attrs["last_input_frame"] == question.now
    assert found.attrs["data_place"] == "demo/rayleigh_benard.zarr", "no place on this machine"
    assert all("long_name" in a.attrs and "units" in a.attrs for a in found.data_vars.values())


def test_forecasts_are_completed_before_they_are_saved(wish, tmp_path):
    early = wish(leads=1)
    found = dataset(exported(early, "netcdf")[1], tmp_path)
    assert found.sizes["lead"] == LEADS and early.results.leads == 1
    assert bool(np.isfinite(found["rmse_a"]).all())


def test_csv_holds_the_same_scores(wish):
    wanted = wish()
    lines = exported(wanted, "csv")[1].decode().splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")]
    assert rows[0] == ["quantity", "unit", "lead", "wavenumber", "value"]
    rmse = [float(row[4]) for row in rows if row[0] == "rmse_a"]
    assert rmse == pytest.approx(wanted.results.scores["a"].rmse, rel=1e-6)
    energies = [float(row[4]) for row in rows if row[0] == "energy_spectrum_b" and row[2] == "2"]
    assert energies == pytest.approx(wanted.results.spectra[2].b.tolist(), rel=1e-6)


@pytest.mark.parametrize("page", ["explore", "spectra"])
def test_an_svg_is_drawn_with_letters(wish, page):
    name, content = exported(replace(wish(), page=page), "svg")
    root = ElementTree.fromstring(content)
    texts = [t for node in root.iter("{http://www.w3.org/2000/svg}text") for t in node.itertext()]
    words = " ".join(texts)
    assert "turned by 30" in words and "lead 3" in words
    assert ("RMSE" in words) == (page == "explore") and ("wavenumber k" in words) != (
        page == "explore"
    )
    assert name.endswith("lead-3.svg") and "turned-by-30" in name


def test_a_png_is_a_picture_wide_enough_for_paper(wish):
    from PIL import Image

    picture = Image.open(io.BytesIO(exported(wish(), "png")[1]))
    assert picture.size == (2560, 1440)
    assert len(picture.convert("RGB").getcolors(2**24)) > 100


def test_a_gif_has_a_frame_for_each_lead(wish):
    from PIL import Image

    film = Image.open(io.BytesIO(exported(wish(), "gif")[1]))
    assert film.n_frames == LEADS and film.size == (960, 540)
    frames = []
    for number in range(film.n_frames):
        film.seek(number)
        frames.append(np.asarray(film.convert("RGB"), dtype=int))
    assert all(np.abs(b - a).max() > 30 for a, b in itertools.pairwise(frames))


def test_an_mp4_has_a_frame_for_each_lead(wish):
    import av

    with av.open(io.BytesIO(exported(wish(), "mp4")[1])) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(frames) == LEADS and frames[0].shape == (720, 1280, 3)
    assert stream.codec_context.name == "h264" and stream.codec_context.pix_fmt == "yuv420p"
    assert np.abs(frames[-1].astype(int) - frames[0]).max() > 30


@pytest.mark.slow
@pytest.mark.parametrize(
    "links",
    [
        (("rotation", (30.0,)),),
        (("magnitude", (2.0,)), ("boost", (0.25, 0.0))),
        (("scaling", (2**0.5,)),),
    ],
    ids=lambda links: "-".join(name for name, _ in links),
)
def test_the_notebook_makes_the_same_numbers(wish, links):
    """Run from top to bottom, with nothing of the dashboard in it."""
    wanted = wish(links=links, field="vorticity")
    source = code_of(exported(wanted, "notebook")[1])
    assert "app" not in {
        line.split()[1].split(".")[0] for line in source if line.startswith("from")
    }
    names: dict = {}
    run(source, names)
    for model in ("a", "b"):
        scores = wanted.results.scores[model]
        np.testing.assert_allclose(names["rmse"][model], scores.rmse, rtol=1e-4)
        np.testing.assert_allclose(
            names["broken"][model], scores.equivariance, rtol=1e-2, atol=1e-4
        )
    assert names["patch"].words == wanted.results.spectra[1].words


def test_the_notebook_sees_other_numbers(wish):
    """Negative control: its own check fails where the models are exchanged."""
    source = code_of(exported(wish(), "notebook")[1])
    swapped = [
        text.replace("'a': open", "'c': open")
        .replace("'b': open", "'a': open")
        .replace("'c'", "'b'")
        for text in source
    ]
    with pytest.raises(AssertionError, match="Not equal"):
        run(swapped, {})


def code_of(content: bytes) -> list[str]:
    import nbformat

    notebook = nbformat.reads(content.decode(), as_version=4)
    nbformat.validate(notebook)
    return [cell["source"] for cell in notebook.cells if cell["cell_type"] == "code"]


def run(source: list[str], names: dict) -> None:
    """Execute cells in one namespace, figures drawn and thrown away."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    try:
        for text in source:
            exec(compile(text, "cell", "exec"), names)
    finally:
        plt.close("all")


def test_names_tell_the_view(wish):
    from app.exports import file_name

    wanted = wish(links=(("rotation", (90.0,)), ("magnitude", (2.0,))))
    name = file_name(wanted, "nc")
    assert name.startswith("symdyn_convection_turned-by-90") and name.endswith(".nc")
    assert file_name(replace(wanted, page="spectra"), "png").count("spectra") == 1
    assert all(c.isascii() and (c.isalnum() or c in "._-") for c in name)


def test_a_server_makes_only_so_many_files(wish, monkeypatch):
    from app import exports

    monkeypatch.setattr(exports, "LARGEST", 1000)
    with pytest.raises(ValueError, match="MB"):
        exported(wish(), "netcdf")
    busy = exports.Exports()
    busy.waiting = exports.MOST_WAITING
    with pytest.raises(ValueError, match="busy"):
        asyncio.run(busy.make(wish(), "csv"))
    assert busy.waiting == exports.MOST_WAITING


def test_a_film_that_takes_too_long_is_given_up(wish, monkeypatch):
    from app import exports

    monkeypatch.setattr(exports, "LONGEST", -1.0)
    with pytest.raises(ValueError, match="fewer leads"):
        exported(wish(), "gif")


def test_leads_ahead_are_those_of_the_dashboard(wish):
    from symdyn_core.models.ahead import leads_ahead

    for links in ((("rotation", (90.0,)),), (("scaling", (2**0.5,)),)):
        comparison = wish(links=links).results.comparison
        answer = comparison.b
        rollout = answer.moved
        again = leads_ahead(rollout.forecaster, rollout.window[None], 3, rollout.steps)[0]
        torch.testing.assert_close(again, rollout.up_to(3))
