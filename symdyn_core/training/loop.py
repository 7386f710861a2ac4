"""The training loop: a generator of one record per epoch."""

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from lightning.fabric import Fabric
from torch import Tensor, nn

from symdyn_core.datasets.batches import Batch, WindowSource
from symdyn_core.datasets.prefetch import prefetched
from symdyn_core.datasets.rollouts import evenly_spread, prepared
from symdyn_core.datasets.sampling import epoch_order
from symdyn_core.training import checkpoints
from symdyn_core.training.checks import check_forecaster, check_processes, lost
from symdyn_core.training.devices import repeatable
from symdyn_core.training.interruption import Interruption
from symdyn_core.training.objective import Sample, rollout_errors
from symdyn_core.training.run import EpochSoFar, Run
from symdyn_core.training.settings import Record, Settings

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""


def train(
    forecaster: nn.Module,
    train_windows: WindowSource,
    valid_windows: WindowSource,
    settings: Settings,
    directory: str | Path,
    *,
    weights: Tensor | None = None,
    fabric: Fabric | None = None,
    progress: Progress | None = None,
) -> Generator[Record, None, dict[str, Tensor]]:
    """Train a forecaster; yield a record per epoch, and leave it with its best weights.

    ``directory`` receives ``best.safetensors`` (weights of the smallest validation RMSE),
    ``state.ckpt`` (everything needed to continue) and ``log.csv``. A run found there is continued:
    its records are yielded again, and on the same device, with the same number of threads, it
    ends with the weights, to the last bit, of a run that was never interrupted. Ctrl-C saves the
    state before it stops.

    Args:
        forecaster: a forecaster with weights; it is trained in place, on the device of ``fabric``.
        train_windows: at least ``settings.loss_steps`` future frames.
        valid_windows: forecasts of all their future frames are compared after each epoch.
        settings: how to train.
        directory: where the run lives; one run each.
        weights: how often each training window is drawn, in proportion (``sampling.epoch_order``);
            all equally often by default.
        fabric: a launched Lightning Fabric that decides device, precision and processes; by
            default the accelerator that is found, and all processes under ``torchrun``.
        progress: called after each step.

    Returns:
        the best weights, as the value of the generator.

    Raises:
        ValueError: windows that do not fit the forecaster or the settings, a directory that holds
            another run, or a loss that is no longer finite.
    """
    check_forecaster(forecaster, train_windows, valid_windows, settings.loss_steps)
    windows = train_windows, valid_windows
    run = Run(forecaster, windows, settings, Path(directory), fabric, weights)
    check_processes(settings.batch, run.fabric.world_size)
    return _epochs(run, progress)


def _epochs(run: Run, progress: Progress | None) -> Generator[Record, None, dict[str, Tensor]]:
    yield from run.records
    while not run.finished:
        yield _epoch(run, progress)
    run.fabric.barrier()
    path = run.directory / "best.safetensors"
    best = checkpoints.load_weights(path)
    checkpoints.restore(run.forecaster, best, path)
    run.forecaster.eval()
    return best


def _epoch(run: Run, progress: Progress | None) -> Record:
    settings, epoch, device = run.settings, len(run.records), run.fabric.device
    length = run.epoch_length * settings.batch
    order = epoch_order(run.train_windows, settings.seed, epoch, length, run.weights)
    mine = [
        indices[run.fabric.global_rank :: run.fabric.world_size]
        for indices in order.split(settings.batch)[run.here.updates :]
    ]
    for group in run.optimiser.param_groups:
        group["lr"] = settings.rate(epoch)
    run.forecaster.train()
    with Interruption() as interruption, repeatable(device, settings.deterministic):
        batches = prefetched(run.train_windows, mine, device=device)
        with checkpoints.random_numbers(run.random, device), closing(batches):
            for _ in mine:
                _update(run, batches)
                if progress is not None and run.fabric.is_global_zero:
                    progress(run.updates, settings.updates)
                asked = _anywhere(run.fabric, interruption.asked is not None)
                if asked or run.updates % settings.checkpoint_every == 0:
                    run.random = checkpoints.random_state(device)
                    run.save()
                if asked:
                    interruption.act()
        record = _close_epoch(run)
        if interruption.asked is not None:
            interruption.act()
    return record


def _update(run: Run, batches: Iterator[Batch]) -> None:
    """One optimiser step on this process's share of a batch."""
    start = time.perf_counter()
    past, steps = run.train_windows.past, run.settings.loss_steps
    window, truth, water = prepared(next(batches), past, steps, run.like)
    run.optimiser.zero_grad()
    loss = run.loss(Sample(window, truth, water))
    run.fabric.backward(loss)
    clip = run.settings.clip_gradient
    norm: Any = run.fabric.clip_gradients(
        run.loss,
        run.optimiser,
        max_norm=math.inf if clip is None else clip,
        error_if_nonfinite=False,
    )
    loss_value, norm_value = loss.item(), norm.item()  # waits for a GPU
    if not math.isfinite(loss_value + norm_value):
        raise lost(run, loss_value, norm_value)
    run.optimiser.step()
    run.here.updates += 1
    run.here.loss += loss_value
    run.here.gradient += norm_value
    run.here.seconds += time.perf_counter() - start


def _close_epoch(run: Run) -> Record:
    """Validate, keep the weights if they are the best so far, and write everything down."""
    start = time.perf_counter()
    rmse = _validate(run)
    here, updates = run.here, run.updates
    seconds = here.seconds + time.perf_counter() - start
    record = Record(
        epoch=len(run.records) + 1,
        updates=updates,
        learning_rate=run.settings.rate(len(run.records)),
        train_loss=here.loss / here.updates,
        gradient_norm=here.gradient / here.updates,
        valid_rmse=rmse,
        best=all(rmse < earlier.valid_rmse for earlier in run.records),
        seconds=seconds,
        windows_per_second=here.updates * run.settings.batch / seconds,
    )
    run.records.append(record)
    run.here, run.random = EpochSoFar(), run.seeded(len(run.records))
    if record.best and run.fabric.is_global_zero:
        checkpoints.save_weights(
            checkpoints.copy_weights(run.forecaster),
            run.directory / "best.safetensors",
            epoch=str(record.epoch),
            valid_rmse=repr(rmse),
        )
    run.save()
    if run.fabric.is_global_zero:
        checkpoints.write_log(run.records, run.directory / "log.csv")
    return record


def _validate(run: Run) -> float:
    """RMSE over all future frames of the validation windows [velocity], in eval mode.

    It runs in the precision of the weights, as the forecaster will be used.
    """
    indices = evenly_spread(run.valid_windows, run.settings.validation_windows)
    mine = indices[run.fabric.global_rank :: run.fabric.world_size]
    run.forecaster.eval()
    sums = rollout_errors(run.forecaster, run.valid_windows, mine, run.settings.batch, run.like)
    run.forecaster.train()
    if run.fabric.world_size > 1:
        sums = sums.map(lambda mine: run.fabric.all_reduce(mine, reduce_op="sum"))
    rmse = sums.rmse()
    return math.inf if math.isnan(rmse) else rmse


def _anywhere(fabric: Fabric, asked: bool) -> bool:
    """Whether any process was asked to stop: all must save together."""
    if fabric.world_size == 1:
        return asked
    return fabric.strategy.reduce_boolean_decision(asked, all=False)
