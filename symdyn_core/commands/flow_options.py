"""The options of every command that opens a flow, and how they are read."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

Patch = Annotated[int | None, typer.Option(help="Cut squares of this many cells.")]
Stride = Annotated[
    int | None, typer.Option(min=1, help="Cells between the corners of two squares; with --patch.")
]
MinWater = Annotated[float, typer.Option(min=0, max=1, help="Least share of water in a square.")]
Variables = Annotated[
    str | None, typer.Option(help="Names of eastward and northward velocity: 'uo,vo'.")
]
Region = Annotated[str | None, typer.Option(help="Degrees: 'west,south,east,north'.")]
Period = Annotated[str | None, typer.Option(help="First and last date: '2002-01,2002-09-30'.")]
Geostrophic = Annotated[
    bool, typer.Option("--geostrophic", help="Compute currents from the sea surface height.")
]
Depth = Annotated[
    float, typer.Option(min=0, help="Depth in metres; in a 3-D cut-out, height of the plane.")
]


def opens_flow(command: Callable) -> Callable:
    """Give a command the options of ``opening_options``, whose result it takes as ``opening``."""
    options = inspect.signature(opening_options).parameters
    shown: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        shown += options.values() if parameter.name == "opening" else [parameter]

    @functools.wraps(command)
    def wrapped(**arguments):
        chosen = {name: arguments.pop(name) for name in options}
        return command(opening=opening_options(**chosen), **arguments)

    # What the command line is made of.
    wrapped.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return wrapped


def opening_options(
    *,
    patch: Patch = None,
    stride: Stride = None,
    min_water: MinWater = 0.0,
    variables: Variables = None,
    region: Region = None,
    period: Period = None,
    geostrophic: Geostrophic = False,
    depth: Depth = 0.0,
) -> dict[str, Any]:
    """Keyword arguments of ``open_any``.

    Raises:
        ValueError: a list of another length, a region that is not made of numbers, or a stride
            without squares.
    """
    if stride is not None and patch is None:
        raise ValueError(f"--stride {stride} is for squares: give their size with --patch, too.")
    options: dict[str, Any] = {"patch": patch, "stride": stride, "min_water": min_water}
    if variables is not None:
        options["variables"] = tuple(parts_of(variables, 2, "--variables", "uo,vo"))
    if period is not None:
        options["period"] = tuple(parts_of(period, 2, "--period", "2002-01,2002-09-30"))
    if region is not None:
        example = "15,-40,35,-30"
        try:
            options["region"] = tuple(map(float, parts_of(region, 4, "--region", example)))
        except ValueError:
            raise ValueError(
                f"--region takes four numbers such as '{example}', got '{region}'."
            ) from None
    if geostrophic:
        options["geostrophic"] = True
    if depth:
        options["depth"] = depth
    return options


def parts_of(text: str, count: int, option: str, example: str) -> list[str]:
    """The values of an option that takes ``count`` of them, separated by commas.

    Raises:
        ValueError: another number of values.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != count or not all(parts):
        raise ValueError(f"{option} takes {count} values such as '{example}', got '{text}'.")
    return parts
