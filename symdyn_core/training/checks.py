"""What is wrong with a training run, and what to do about it."""

from torch import nn

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.training.run import Run


def check_forecaster(
    forecaster: nn.Module, train_windows: WindowSource, valid_windows: WindowSource, steps: int
) -> None:
    """Raise a ValueError unless the forecaster can learn ``steps`` steps from these windows."""
    if not any(parameter.requires_grad for parameter in forecaster.parameters()):
        raise ValueError(
            f"Expected a forecaster with weights to train, got {type(forecaster).__name__}, "
            "which has none."
        )
    past = getattr(forecaster, "past", None)
    if not isinstance(past, int):
        raise ValueError(
            f"Expected a forecaster with an attribute `past`, its number of input frames, got "
            f"{type(forecaster).__name__}. Wrap the network: models.forecaster.NetworkForecaster."
        )
    for name, windows, future in (
        ("training", train_windows, steps),
        ("validation", valid_windows, 1),
    ):
        if len(windows) == 0:
            raise ValueError(f"There are no {name} windows. Use a longer flow.")
        if windows.future < future or windows.past < past:
            raise ValueError(
                f"Expected {name} windows of at least {past} past and {future} future frames, got "
                f"{windows.past} and {windows.future}. Cut longer windows, or lower rollout_steps."
            )


def check_processes(batch: int, processes: int) -> None:
    """Raise a ValueError unless all processes get equal shares of a batch."""
    if batch % processes:
        raise ValueError(
            f"A batch must split evenly over {processes} processes, got {batch} windows."
        )


def lost(run: Run, loss: float, norm: float) -> ValueError:
    """What to say about a loss that is no longer finite."""
    rate = run.settings.rate(len(run.records))
    return ValueError(
        f"Training lost its way in step {run.updates + 1} (epoch {len(run.records) + 1}): "
        f"loss {loss}, gradient norm {norm}, learning rate {rate:g}. Train in a new directory "
        "with a third of the learning_rate, with clip_gradient set, or with fewer rollout_steps; "
        "if it happens in the first step, look for missing or huge values in the data. The last "
        f"good state is in {run.directory}."
    )
