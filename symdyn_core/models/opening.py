"""Open any forecaster that a person names: a zoo model, a run directory, or their own callable."""

import importlib
import inspect
import json
import sys
from numbers import Integral
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from symdyn_core.grid import Grid
from symdyn_core.models import zoo
from symdyn_core.models.baselines import Persistence
from symdyn_core.models.forecaster import Forecaster, NetworkForecaster
from symdyn_core.models.specification import ForecasterSpec
from symdyn_core.models.wrappers import Wrapper

SPECIFICATION = "specification.json"
BEST_WEIGHTS = "best.safetensors"


def open_forecaster(
    model: str,
    *,
    scale: float | None = None,
    periodic: tuple[bool, bool] | None = None,
    past: int | None = None,
    grid: Grid | None = None,
) -> Forecaster:
    """The forecaster called ``model``.

    Args:
        model: a zoo name, ``persistence``, a run directory, or ``package.module:callable`` (a
            forecaster, a class or function without arguments that makes one, or a function of a
            window).
        scale: unit of velocity for networks of this package (root mean square of the data).
        periodic: padding along (y, x) for networks of this package.
        past: input frames, for a callable that has no attribute ``past``.
        grid: of the data at hand, for forecasters that measure in its cells and time steps.

    Raises:
        ValueError: nothing of that name, or not a forecaster.
    """
    if not model.strip():
        raise ValueError(
            "The model has no name. Give a zoo name, a run directory, or package.module:callable."
        )
    if model == "persistence":
        return Persistence(past or 1)
    if model in zoo.names():
        return zoo.load(model, scale=scale, periodic=periodic, grid=grid)
    if Path(model).is_dir():
        return open_run(Path(model), scale=scale, periodic=periodic, grid=grid)
    if ":" in model:
        return open_callable(model, past, grid)
    return zoo.load(model, scale=scale, periodic=periodic, grid=grid)


def open_run(
    directory: Path,
    *,
    scale: float | None = None,
    periodic: tuple[bool, bool] | None = None,
    grid: Grid | None = None,
) -> NetworkForecaster | Wrapper:
    """The best forecaster of a training run; its options are those of ``open_forecaster``.

    Raises:
        ValueError: a directory that is not a run, or has no weights yet.
    """
    path = directory / SPECIFICATION
    if not path.is_file():
        raise ValueError(f"{directory} is not a run directory: it has no {SPECIFICATION}.")
    try:
        values = json.loads(path.read_text())
    except ValueError as error:  # no JSON, or no text at all
        raise ValueError(f"{path} is damaged: {error}. Train again in another folder.") from error
    spec = ForecasterSpec.from_json(values)
    if periodic is not None:
        spec = spec.with_periodic(periodic)
    if grid is not None:
        spec = spec.on(grid)
    forecaster = spec.build()
    if not (directory / BEST_WEIGHTS).is_file():
        raise ValueError(f"{directory} has no {BEST_WEIGHTS} yet: wait for its first epoch.")
    zoo.load_weights(forecaster, directory / BEST_WEIGHTS)
    if scale is not None:
        forecaster.scale.fill_(scale)
    return forecaster.eval()


def open_callable(name: str, past: int | None = None, grid: Grid | None = None) -> Forecaster:
    """A forecaster from ``package.module:callable``, found on the path or in the current folder.

    One that is wrapped by this package is set on ``grid``, if given.

    Raises:
        ValueError: no such module or attribute, not a forecaster, or an unknown number of frames.
    """
    module_name, _, attribute = name.partition(":")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:  # whatever a foreign module does
        raise ValueError(
            f"Cannot import {name!r}: {type(error).__name__}: {error}. "
            "Write it as package.module:callable."
        ) from error
    if isinstance(found, type) or (
        inspect.isfunction(found) and past is None and _needs_nothing(found)
    ):
        try:
            found = found()
        except (Exception, SystemExit) as error:
            raise ValueError(
                f"{name!r} cannot be made without arguments: {type(error).__name__}: {error}. "
                "Name a function that returns the finished forecaster."
            ) from error
    if not callable(found):
        raise ValueError(f"{name!r} is a {type(found).__name__}, not a callable forecaster.")
    frames = past or getattr(found, "past", None)
    if frames is None:
        raise ValueError(
            f"{name!r} does not say how many past frames it needs: give it an attribute `past`, "
            "or pass --past."
        )
    if not isinstance(frames, Integral) or frames < 1:
        raise ValueError(
            f"{name!r} needs a whole number of past frames, at least 1, got past={frames!r}. "
            "Correct its attribute `past`, or pass --past."
        )
    if isinstance(found, Wrapper) and grid is not None:
        found = found.on(grid)
    if isinstance(found, nn.Module):
        found.eval()
    return CallableForecaster(found, int(frames))


class CallableForecaster(nn.Module):
    """A user's callable behind the forecaster's interface, its output checked."""

    def __init__(self, function, past: int):
        super().__init__()
        self.function = function
        self.past = past
        self.receptive_radius = getattr(function, "receptive_radius", None)

    def forward(self, window):
        # A copy: a model that works in place must not change what is compared with.
        forecast = self._called(window.clone())
        expected = (window.shape[0], *window.shape[2:])
        tensor = isinstance(forecast, Tensor)
        if not tensor or forecast.shape != expected:
            raise ValueError(
                "A forecaster maps (batch, past, component=2, y, x) to (batch, component=2, y, x):"
                f" expected a tensor {expected}, got "
                f"{tuple(forecast.shape) if tensor else type(forecast).__name__}."
            )
        if not torch.isfinite(forecast).all():
            raise ValueError(
                "The forecast holds NaN or infinite numbers. Check the model on plain windows."
            )
        return forecast

    def _called(self, window):
        try:
            return self.function(window)
        except (Exception, SystemExit) as error:
            reason = str(error).strip().splitlines() or ["no details"]
            raise ValueError(
                f"The model failed on a window {tuple(window.shape)} of {window.dtype}: "
                f"{type(error).__name__}: {reason[0]}. Try another --dtype, --past or --patch."
            ) from error


def _needs_nothing(function) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return all(
        p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters
    )
