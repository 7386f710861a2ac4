"""``symdyn train`` and ``symdyn zoo list | build``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from symdyn_core.commands.flow_options import opens_flow
from symdyn_core.commands.reporting import (
    AsJson,
    reported,
    say,
    show_json,
    show_table,
)
from symdyn_core.progress import progress_bar

zoo_commands = typer.Typer(help="Trained models with their cards.", no_args_is_help=True)


@zoo_commands.command("list")
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
    titles = ", ".join(sorted({model["dataset"] for model in models if model["dataset"]}))
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


@zoo_commands.command("build")
@reported
def zoo_build(
    preset: Annotated[str, typer.Option(help="smoke, small or paper.")] = "small",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Build this model only.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the zoo.")] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate, train and test all models of the zoo from nothing; resumes what was begun."""
    from symdyn_core.experiments.rbc_zoo import build_zoo

    with progress_bar("zoo", shown=not as_json) as bar:
        cards = build_zoo(
            preset,
            seed=seed,
            only=only,
            folder=out,
            progress=lambda what, done, total: bar(done, total, what),
        )
    if as_json:
        show_json({"models": [card["name"] for card in cards]})
    else:
        say(f"Built {', '.join(card['name'] for card in cards)}")


@reported
@opens_flow
def train(
    data: Annotated[str, typer.Option(help="A flow: store, file, folder or glob.")],
    out: Annotated[Path, typer.Option(help="Directory of the run; an interrupted run goes on.")],
    symmetry: Annotated[str, typer.Option(help="plain, or a symmetry with a kit.")] = "plain",
    architecture: Annotated[str, typer.Option(help="ResNet or UNet.")] = "ResNet",
    preset: Annotated[str, typer.Option(help="smoke, small or paper.")] = "small",
    predicts: Annotated[str, typer.Option(help="increment or velocity (direct).")] = "increment",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    updates: Annotated[int | None, typer.Option(min=1, help="Optimiser steps.")] = None,
    *,
    opening: dict[str, Any],
    as_json: AsJson = False,
) -> None:
    """Train a forecaster on a flow, with a budget that is the same for every symmetry."""
    from symdyn_core.experiments.training_command import train_on

    with progress_bar(f"{architecture} {symmetry}", shown=not as_json) as bar:
        report = train_on(
            data,
            out,
            symmetry=symmetry,
            architecture=architecture,
            preset=preset,
            predicts=predicts,
            seed=seed,
            updates=updates,
            opening=opening,
            progress=bar,
        )
    if as_json:
        show_json(report)
    else:
        say(
            f"Best validation RMSE {report['valid_rmse']:.4g} after {report['updates']} updates; "
            f"use {out} as a model: symdyn audit {out} --data {data}"
        )
