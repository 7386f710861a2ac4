"""A notebook that makes the numbers and pictures of a view again, with symdyn_core alone."""

import nbformat
import xarray as xr
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from . import catalogue, elements
from .compute import scale_for
from .export_sources import inside
from .flows import MIN_WATER, SIDE
from .respected import PERSISTENCE
from .results import Results

IMPORTS = """\
import matplotlib.pyplot as plt
import numpy as np
import torch

from symdyn_core import metrics, operators, spectra
from symdyn_core.datasets import schema
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.squares import in_squares
from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance.chain import Chain, Link
from symdyn_core.equivariance.spectral_patch import spectral_patch
from symdyn_core.models.ahead import frames_needed, leads_ahead
from symdyn_core.models.opening import open_forecaster
from symdyn_core.paths import data_directory
from symdyn_core.symmetries import named"""

MOVE = """\
pace = chain.pace
recorded = max(frames_needed(model, pace.recorded) for model in models.values())
moved = max(frames_needed(model, pace.moved) for model in models.values())
back, future = pace.history(recorded, moved), pace.future(leads)

history = w[now + 1 - back : now + 1]
future = w[now + 1 : now + 1 + future][pace.recorded - 1 :: pace.recorded]
window, known = chain.window(history, moved, grid)
frames = [chain.frame(history, future, lead, grid) for lead in range(1, leads + 1)]
truth = torch.stack([frame for frame, _ in frames])
seen = torch.stack([valid for _, valid in frames])
new_grid = chain.act_on_grid(grid)"""

FORECAST = """\
forecasts, expected = {}, {}
with torch.no_grad():
    for name, model in models.items():
        past = frames_needed(model, pace.moved)
        forecasts[name] = leads_ahead(model, window[None, -past:], leads, pace.moved)[0]
        past = frames_needed(model, pace.recorded)
        upright = leads_ahead(model, history[None, -past:], leads, pace.recorded)[0]
        expected[name] = [
            chain.frame(history, upright, lead, grid) for lead in range(1, leads + 1)
        ]"""

NUMBERS = """\
patch = spectral_patch(seen[0], new_grid, land=grid.water is not None)
rmse, broken, ese = {}, {}, {}
for name, forecast in forecasts.items():
    rmse[name] = metrics.rmse_by_lead(forecast[None], truth[None], seen[None, :, None]).tolist()
    broken[name] = []
    for f, (target, valid) in zip(forecast, expected[name], strict=True):
        region = chain.compared(models[name], known & valid, grid)
        gap, size = (f - target)[..., region].double(), target[..., region].double()
        broken[name].append(float(gap.norm() / size.norm()))
    if patch is not None:
        first = torch.stack((forecast[0], truth[0]))
        lines = spectra.energy_spectrum(patch.cut(first), patch.grid, patch.mask)
        ese[name] = spectra.ese_per_sample(lines[:1], lines[1:])
rmse, broken, ese"""

CHECK = """\
np.testing.assert_allclose(rmse["a"], {rmse_a}, rtol=1e-3)
np.testing.assert_allclose(rmse["b"], {rmse_b}, rtol=1e-3)
# Errors of rounding alone are as large as they happen to be.
np.testing.assert_allclose(broken["a"], {broken_a}, rtol=1e-2, atol=1e-4)
np.testing.assert_allclose(broken["b"], {broken_b}, rtol=1e-2, atol=1e-4)"""

FIELDS = {
    "speed": "flow.square().sum(0).sqrt()",
    "u": "flow[0]",
    "v": "flow[1]",
    "vorticity": "operators.vorticity(flow, place)",
    "divergence": "operators.divergence(flow, place)",
}

DRAW = """\
lead = {lead}
place = new_grid
if new_grid.water is not None:  # a spectral derivative would carry an edge over the whole line
    place = new_grid.with_(periodic_y=False, periodic_x=False)
flows = {{"input": window[-1], "truth": truth[lead - 1]}}
flows |= {{name.upper(): forecast[lead - 1] for name, forecast in forecasts.items()}}
for name in "AB":
    flows[f"error of {{name}}"] = flows[name] - flows["truth"]

figure, axes = plt.subplots(2, 3, figsize=(11, 7), layout="constrained")
order = ("input", "A", "B", "truth", "error of A", "error of B")
for one, title in zip(axes.flat, order, strict=True):
    flow = flows[title]
    field = {expression}
    field = np.ma.masked_where(~(known & seen[lead - 1]).numpy(), field.numpy())
    one.imshow(field, origin="lower", cmap="{colours}")
    one.set_title(title)
    one.set_axis_off()
figure.suptitle({heading!r})
plt.show()"""

SPECTRUM = """\
if patch is not None:
    rings = patch.rings
    k = spectra.wavenumbers(patch.grid)[rings]
    flows = torch.stack([truth[lead - 1], *(f[lead - 1] for f in forecasts.values())])
    lines = spectra.energy_spectrum(patch.cut(flows), patch.grid, patch.mask)[:, rings]
    for line, label in zip(lines, ("truth", "A", "B"), strict=True):
        plt.loglog(k, line, label=label, linewidth=4 if label == "truth" else 2)
    plt.xlabel("wavenumber")
    plt.ylabel("kinetic energy E(k)")
    plt.legend()
    plt.show()"""


def notebook(results: Results, view: xr.Dataset, lead: int) -> bytes:
    """The notebook of a view.

    Args:
        view: see ``export_view``.
        lead: that is drawn.
    """
    question = results.comparison.question
    about = view.attrs
    cells = [
        new_markdown_cell(_introduction(about)),
        new_code_cell(IMPORTS),
        new_markdown_cell("## The flow, and where the forecasts begin"),
        new_code_cell(_flow(results)),
        new_markdown_cell(f"## The transformation: {about['transformation']}"),
        new_code_cell(_chain(results)),
        new_markdown_cell("## The models"),
        new_code_cell(_models(results)),
        new_markdown_cell("## Input and truth, transformed"),
        new_code_cell(MOVE),
        new_markdown_cell("## Forecasts, f(g w), and forecasts moved, g f(w)"),
        new_code_cell(FORECAST),
        new_markdown_cell(
            "## Errors\n\nRoot mean square error and equivariance error by lead, and the energy "
            "spectrum error of the first lead."
        ),
        new_code_cell(NUMBERS),
        new_markdown_cell("The dashboard showed these numbers:"),
        new_code_cell(_check(results)),
        new_markdown_cell("## Pictures"),
        new_code_cell(_draw(results, view, lead)),
        new_code_cell(SPECTRUM),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # random names would make every notebook another one
    made = new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "symdyn": {"question": repr(question.links), "link": about["link"]},
        },
    )
    nbformat.validate(made)
    return nbformat.writes(made).encode()


def _introduction(about: dict) -> str:
    link = f"\n\nThe same in the dashboard: `{about['link']}`" if about["link"] else ""
    return (
        f"# {about['heading']}\n\n"
        f"Two models forecast a transformed flow: A is `{about['model_a']}`, B is "
        f"`{about['model_b']}`. Data: {about['data']} (`{about['data_place']}`), region "
        f"{about['region']}, from {about['last_input_time']} on. Made by {about['source']}; needs "
        f"`symdyn` and the same data and models.{link}"
    )


def _flow(results: Results) -> str:
    question = results.comparison.question
    source = question.source
    known = inside(source.path)
    if known is not None:
        place = "data_directory()" + "".join(f" / {part!r}" for part in known.parts)
        said = ""
    else:
        name = source.path if "://" in source.path else source.path.rsplit("/", 1)[-1]
        place, said = repr(name), "  # where you keep this flow"
    return (
        f"path = {place}{said}\n"
        f"squares = in_squares(open_any(str(path)), {SIDE}, min_water={MIN_WATER})\n"
        "windows = Windows(squares, past=1, future=0)\n"
        f"member, now, leads = {question.member}, {question.now}, {results.leads}\n"
        "w, grid = windows.frames[member], windows.grids[member]\n"
        "unit = schema.rms(squares)  # of uniform motions\n"
        "squares"
    )


def _chain(results: Results) -> str:
    lines = [
        f"        Link(named({name!r}).in_units_of(unit), {elements.as_element(values)!r}),"
        for name, values in results.comparison.question.links
    ]
    return "\n".join(["chain = Chain(", "    [", *lines, "    ]", ")"])


def _models(results: Results) -> str:
    question, flow = results.comparison.question, results.comparison.flow
    grid = flow.grids[question.member]
    periodic = (True, True) if grid.periodic_y and grid.periodic_x else None
    lines = ["models = {"]
    for key, name in (("a", question.model_a), ("b", question.model_b)):
        model = catalogue.model(name)
        if name == PERSISTENCE:
            lines.append(f"    {key!r}: open_forecaster({name!r}, past={model.past}),")
            continue
        known = inside(model.place) if model.place and ":" not in model.place else None
        place = repr(model.place or name)
        if known is not None:
            place = "str(data_directory()" + "".join(f" / {p!r}" for p in known.parts) + ")"
        options = [f"scale={scale_for(model, flow)!r}", f"periodic={periodic!r}"]
        if model.wrapped or model.place:
            options.append("grid=grid")
        lines.append(f"    {key!r}: open_forecaster({place}, {', '.join(options)}),")
    return "\n".join([*lines, "}"])


def _check(results: Results) -> str:
    scores = results.scores
    numbers = {
        f"{what}_{name}": "[" + ", ".join(f"{v:.6g}" for v in getattr(scores[name], kind)) + "]"
        for what, kind in (("rmse", "rmse"), ("broken", "equivariance"))
        for name in ("a", "b")
    }
    return CHECK.format(**numbers).replace("[nan", "[np.nan").replace(" nan", " np.nan")


def _draw(results: Results, view: xr.Dataset, lead: int) -> str:
    name = next(str(v) for v in view.data_vars if str(v).endswith("_truth")).removesuffix("_truth")
    return DRAW.format(
        lead=min(lead, results.leads),
        expression=FIELDS[name],
        colours="RdBu_r" if view.attrs["signed"] else "viridis",
        heading=f"{view.attrs['heading']}, lead {lead}",
    )
