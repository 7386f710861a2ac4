"""``symdyn zoo list | build | currents``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from symdyn_core.commands.flow_options import opens_flow, parts_of
from symdyn_core.commands.reporting import (
    AsJson,
    reported,
    say,
    show_json,
    show_table,
)
from symdyn_core.progress import progress_bar

commands = typer.Typer(help="Trained models with their cards.", no_args_is_help=True)


@commands.command("list")
@reported
def zoo_list(as_json: AsJson = False) -> None:
    """The trained models at hand."""
    from symdyn_core.models import zoo

    cards = [zoo.card(name) for name in zoo.names()]
    models = [_summary(card) for card in cards]
    if as_json:
        show_json({"models": models})
        return
    rows = [
        [model["name"], model["architecture"], str(model["parameters"]), *_errors(card)]
        for model, card in zip(models, cards, strict=True)
    ]
    columns = ["model", "architecture", "parameters", "RMSE", "persistence"]
    titles = "; ".join(sorted({model["dataset"] for model in models if model["dataset"]}))
    show_table("Zoo", columns, rows, f"RMSE of 10-step forecasts. Trained on {titles or '-'}.")


def _summary(card: dict) -> dict:
    """The public entries of a card; models saved by hand may lack some."""
    specification = card["specification"]
    return {
        "name": card["name"],
        "architecture": specification["architecture"],
        "symmetry": card.get("symmetry", specification["kit"]["name"]),
        "dataset": card.get("dataset", {}).get("title", ""),
        "parameters": card.get("parameters"),
    }


def _errors(card: dict) -> list[str]:
    """RMSE of the model and of persistence on the original test set."""
    original = card.get("metrics", {}).get("original", {})
    values = (original.get("rmse"), original.get("persistence_rmse"))
    return ["-" if value is None else f"{value:.4f}" for value in values]


@commands.command("build")
@reported
def zoo_build(
    preset: Annotated[str, typer.Option(help="smoke, small or paper.")] = "small",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Build this model only.")] = None,
    flow: Annotated[str | None, typer.Option(help="convection or ocean; both by default.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the zoo.")] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate, train and test all models of the zoo from nothing; resumes what was begun."""
    from symdyn_core.experiments.zoos import build_zoos

    with progress_bar("zoo", shown=not as_json) as bar:
        cards = build_zoos(
            preset,
            flow=flow,
            seed=seed,
            only=only,
            folder=out,
            progress=lambda what, done, total: bar(done, total, what),
        )
    if as_json:
        show_json({"models": [card["name"] for card in cards]})
    else:
        say(f"Built {', '.join(card['name'] for card in cards)}")


@commands.command("currents")
@reported
@opens_flow
def zoo_currents(
    data: Annotated[str, typer.Argument(help="Measured currents: file, store, folder or glob.")],
    train: Annotated[str, typer.Option(help="First and last date: '2002-01,2002-08'.")],
    test: Annotated[str, typer.Option(help="Later dates: '2002-09,2002-09'.")],
    only: Annotated[list[str] | None, typer.Option(help="Compare this model only.")] = None,
    updates: Annotated[int | None, typer.Option(min=1, help="Optimiser steps.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the fine-tuning runs.")] = None,
    *,
    opening: dict[str, Any],
    as_json: AsJson = False,
) -> None:
    """Forecast measured currents by models of the zoo, as they are and fine-tuned."""
    from symdyn_core.experiments.currents_report import currents_report

    with progress_bar("currents", shown=not as_json) as bar:
        report = currents_report(
            data,
            _dates("--train", train),
            _dates("--test", test),
            models=only,
            updates=updates,
            directory=out,
            opening=opening,
            progress=lambda what, done, total: bar(done, total, what),
        )
    if as_json:
        show_json(report)
        return
    columns = ["model", "", *(f"day {day:g}" for day in report["lead_days"])]
    rows = [
        [row["model"], row["stage"], *map(_with_spread, row["rmse"], row["spread"])]
        for row in report["rows"]
    ]
    show_table(
        f"RMSE [m/s] over {report['windows']} windows from {' to '.join(report['test'])}",
        columns,
        rows,
        "± is the standard deviation of the windows' own errors.",
    )


def _dates(option: str, text: str) -> tuple[str, str]:
    first, last = parts_of(text, 2, option, "2002-01,2002-08")
    return first, last


def _with_spread(rmse: float, spread: float) -> str:
    return f"{rmse:.3f} ± {spread:.3f}"
