"""``symdyn train``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from symdyn_core.commands.flow_options import opens_flow
from symdyn_core.commands.reporting import AsJson, reported, say, show_json
from symdyn_core.progress import progress_bar


@reported
@opens_flow
def train(
    data: Annotated[str, typer.Option(help="A flow: store, file, folder or glob.")],
    out: Annotated[Path, typer.Option(help="Directory of the run; an interrupted run goes on.")],
    symmetry: Annotated[str, typer.Option(help="plain, or a symmetry with a kit.")] = "plain",
    architecture: Annotated[str, typer.Option(help="ResNet or UNet.")] = "ResNet",
    preset: Annotated[str, typer.Option(help="smoke, trial, small or paper.")] = "small",
    predicts: Annotated[str, typer.Option(help="increment or velocity (direct).")] = "increment",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    updates: Annotated[int | None, typer.Option(min=1, help="Optimiser steps.")] = None,
    parameters: Annotated[
        int | None, typer.Option(min=100, help="Size of the network; its width is solved for it.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="Where frames lie: auto, memory, mapped, chunks or device.")
    ] = "auto",
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
            parameters=parameters,
            source=source,
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
