"""A comparison as one labelled dataset: what its NetCDF file holds, and what its figures draw."""

import json
from collections.abc import Mapping

import numpy as np
import torch
import xarray as xr

import symdyn_core
from symdyn_core.grid import Grid

from . import elements, fields, wording
from .export_sources import digest, place_of
from .headers import header
from .pictures import Display, Painter
from .results import Results, Spectra

PICTURE = "Velocity component {}, {}"

SPECTRA = ("truth", "a", "b", "error_a", "error_b", "interpolation")
"""Of what spectra are kept."""


def view_of(results: Results, display: Display, link: str = "") -> xr.Dataset:
    """Everything that is shown of a comparison whose forecasts are complete.

    Args:
        display: how it is shown: the fields of that display are among the variables.
        link: address of the view.
    """
    painter = Painter(results.comparison, display)
    about = header(painter)
    view = xr.Dataset(coords=_coordinates(results, painter.grid))
    view = view.assign(_shown(results, painter, about))
    view = view.assign(_velocities(results))
    view = view.assign(_numbers(results))
    for stem, found in (
        ("energy_spectrum", results.spectra),
        ("turbulence_spectrum", {n: results.turbulence(n) for n in results.spectra}),
    ):
        view = view.assign(_spectra(results, stem, found))
    view.attrs = _provenance(results, painter, about, link)
    return view


def _coordinates(results: Results, grid: Grid) -> dict:
    comparison = results.comparison
    step = wording.step(comparison.flow.time_unit, comparison.scene.lead_time)
    leads = np.arange(1, results.leads + 1)
    time = {"long_name": "time after the last input frame", "units": step["lead_unit"] or "1"}
    return {
        "lead": ("lead", leads, {"long_name": "lead", "units": "frames"}),
        "lead_time": ("lead", leads * step["frame_time"], time),
        **_axes(grid, "", comparison.flow.length_unit),
    }


def _axes(grid: Grid, suffix: str, unit: str) -> dict:
    return {
        f"{name}{suffix}": (
            f"{name}{suffix}",
            axis.double().numpy(),
            {"long_name": f"{name}, from the centre", "units": unit or "1"},
        )
        for name, axis in (("y", grid.y()), ("x", grid.x()))
    }


def _shown(results: Results, painter: Painter, about: Mapping) -> dict:
    """The fields of the pictures, just as they are sent to the browser."""
    frames = [painter.frame(lead, {}) for lead in range(1, results.leads + 1)]
    field, unit = painter.display.field, about["unit"]
    scene = results.comparison.scene
    found: dict = {}
    for key, words in about["pictures"].items():
        arrays = [frame.fields[key] for frame in frames if key in frame.fields]
        upright = key.startswith(("recorded", "upright"))
        suffix = "_recorded" if upright else ""
        dims = (f"y{suffix}", f"x{suffix}")
        attrs = {"long_name": words["title"], "description": words["help"], "picture": key}
        attrs |= {"units": unit or "1", "quantity": fields.TITLES[field]}
        if upright:
            found |= _axes(scene.grid, suffix, results.comparison.flow.length_unit)
        steady = key in ("input", "recorded")
        data = arrays[0] if steady else np.stack(arrays)
        found[f"{field}_{key}"] = (dims if steady else ("lead", *dims), data, attrs)
    limits = [frame.error_limit for frame in frames]
    words = {"long_name": "end of the colours of error maps", "units": unit or "1"}
    found["error_limit"] = ("lead", np.asarray(limits), words)
    return found


def _velocities(results: Results) -> dict:
    """Input, truth, both forecasts and their errors, in the transformed frame."""
    comparison = results.comparison
    scene, leads = comparison.scene, range(1, results.leads + 1)
    unit = comparison.flow.velocity_unit or "1"
    truth, known = (torch.stack(p) for p in zip(*(scene.truth(n) for n in leads), strict=True))
    seen = (known & scene.known)[:, None]
    a, b = (answer.moved.up_to(results.leads) for answer in (comparison.a, comparison.b))
    flows = {
        "truth": (torch.where(known[:, None], truth, torch.nan), "transformed truth"),
        "a": (torch.where(seen, a, torch.nan), "forecast of A"),
        "b": (torch.where(seen, b, torch.nan), "forecast of B"),
        "error_a": (torch.where(seen, a - truth, torch.nan), "forecast of A minus truth"),
        "error_b": (torch.where(seen, b - truth, torch.nan), "forecast of B minus truth"),
    }
    past = torch.where(scene.known, scene.window, torch.nan)
    dims = ("lead", "y_moved", "x_moved")
    found = _axes(scene.moved_grid, "_moved", comparison.flow.length_unit)
    for n, component in enumerate(("u", "v")):
        words = {"units": unit, "long_name": PICTURE.format(component, "transformed input")}
        found[f"{component}_velocity_input"] = (("past", *dims[1:]), past[:, n].numpy(), words)
        for key, (w, name) in flows.items():
            words = {"units": unit, "long_name": PICTURE.format(component, name)}
            found[f"{component}_velocity_{key}"] = (dims, w[:, n].numpy(), words)
    return found


def _numbers(results: Results) -> dict:
    """Scores by lead."""
    unit = results.comparison.flow.velocity_unit or "1"
    found = {}

    def add(name: str, values, long_name: str, units: str = "1") -> None:
        found[name] = ("lead", np.asarray(values), {"long_name": long_name, "units": units})

    for name, scores in results.scores.items():
        model = name.upper()
        add(f"rmse_{name}", scores.rmse, f"root mean square error of {model}", unit)
        add(
            f"equivariance_error_{name}", scores.equivariance,
            f"|| f(g w) - g f(w) || / || g f(w) || of {model}",
        )  # fmt: skip
    add("rmse_persistence", results.persistence, "root mean square error of persistence", unit)
    if results.floor_rmse:
        words = "root mean square change by interpolation alone, there and back"
        add("rmse_interpolation", results.floor_rmse, words, unit)
    for name, by_lead in results.ese.items():
        values = [by_lead[lead] for lead in range(1, results.leads + 1)]
        add(f"ese_{name}", values, f"energy spectrum error of {name}, log10")
    for name, values in results.correlation.items():
        add(f"correlation_{name}", values, f"correlation of {name} with the truth")
    return found


def _spectra(results: Results, stem: str, by_lead: Mapping[int, Spectra | None]) -> dict:
    """Spectra by lead and ring; NaN where there are none."""
    known = [spectra for spectra in by_lead.values() if spectra is not None]
    if not known:
        return {}
    velocity = results.comparison.flow.velocity_unit
    rings, leads = max(len(spectra.k) for spectra in known), results.leads
    power = 2 if stem.startswith("energy") else 4
    unit = f"({velocity})^{power}" if velocity else "1"
    lines = {name: np.full((leads, rings), np.nan) for name in (*SPECTRA, "wavenumber")}
    for lead, spectra in by_lead.items():
        if spectra is None:
            continue
        values = {**vars(spectra), "interpolation": spectra.floor, "wavenumber": spectra.k}
        for name, line in lines.items():
            if values[name] is not None:
                line[lead - 1, : len(spectra.k)] = values[name]
    length = results.comparison.flow.length_unit
    found = {}
    for name, line in lines.items():
        attrs = {"long_name": f"{stem.replace('_', ' ')}, {name}", "units": unit}
        if name == "wavenumber":
            attrs = {"long_name": "wavenumber", "units": f"rad / {length}" if length else "1"}
        found[f"{stem}_{name}"] = (("lead", f"{stem.split('_')[0]}_ring"), line, attrs)
    return found


def _provenance(results: Results, painter: Painter, about: Mapping, link: str) -> dict:
    """Where everything comes from, and how it is shown."""
    question, flow = results.comparison.question, results.comparison.flow
    display = painter.display
    of_models = {
        f"model_{key}{ending}": text
        for key, name in (("a", question.model_a), ("b", question.model_b))
        for ending, text in (("", name), ("_card_sha256", digest(name)))
    }
    titles = about["models"]
    return {
        "title": f"{about['about']}: {titles['a']}; {titles['b']}",
        "heading": about["about"],
        "layout": about["kind"],
        "limit": about["limit"],
        "signed": int(about["signed"]),
        "field_title": about["field_title"],
        "field_unit": about["short_unit"],
        "error_title": "error" if display.maps == "error" else "broken symmetry",
        "stabilised": int(display.stabilised),
        "data": flow.source.label,
        "data_place": place_of(flow.source),
        "region": flow.members[question.member],
        "region_index": question.member,
        "last_input_time": flow.times[question.now],
        "last_input_frame": question.now,
        "transformation": elements.chained(elements.moving(question.links)) or "none",
        "transformation_chain": json.dumps(question.links),
        **of_models,
        "spectra_taken": next((s.words for s in results.spectra.values() if s), "none"),
        "link": link,
        "source": f"Symdyn {symdyn_core.__version__}",
    }
