"""A notebook that makes the numbers and pictures of a view again, with symdyn_core alone."""

import nbformat
import xarray as xr
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from . import catalogue, elements
from .compute import scale_for
from .export_cells import CHECK, DRAW, FIELDS, FORECAST, IMPORTS, MOVE, NUMBERS, SPECTRUM
from .export_sources import inside
from .flows import MIN_WATER, SIDE
from .respected import PERSISTENCE
from .results import Results


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
