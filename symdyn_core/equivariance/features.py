"""The hidden features of a network: what every module puts out, in the order of execution."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

FORECAST = "forecast"
"""Name of the forecaster's own output among those of its layers."""


@dataclass
class Feature:
    """What one call of one module put out."""

    layer: str
    kind: str
    h: Float[Tensor, "batch channel y x"]


def recorded(
    forecaster: nn.Module, window: Float[Tensor, "batch past component y x"]
) -> list[Feature]:
    """The features of every module in the order in which they are finished.

    A module that hands on what an inner one put out, like a sequence, is left out, and so is one
    whose output is no feature map; the forecast comes last in any case. Outputs with more axes have
    all but the last two as channels.
    """
    features: list[Feature] = []
    seen: set[tuple[int, int]] = set()
    kept: list[Tensor] = []  # alive, lest another tensor gets the same identity

    def keep(layer: str, kind: str, output: object) -> None:
        if not isinstance(output, Tensor) or output.ndim < 4 or not output.is_floating_point():
            return
        if (id(output), output._version) in seen and layer != FORECAST:
            return
        seen.add((id(output), output._version))
        kept.append(output)
        h = output.detach().clone().flatten(1, -3)
        features.append(Feature(layer, kind, h))

    with torch.no_grad(), _watched(forecaster, keep):
        forecaster(window)
    return features


@contextmanager
def _watched(forecaster: nn.Module, keep: Callable[[str, str, object], None]) -> Iterator[None]:
    """Hand what every module puts out to ``keep``, at each of its calls."""
    calls: dict[str, int] = {}
    handles = []

    def hook(layer: str):
        def after(module: nn.Module, arguments: object, output: object) -> None:
            calls[layer] = calls.get(layer, 0) + 1
            number = f"#{calls[layer]}" if calls[layer] > 1 else ""
            keep(layer + number, type(module).__name__, output)

        return after

    for name, module in forecaster.named_modules():
        handles.append(module.register_forward_hook(hook(layer_name(name))))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def layer_name(path: str) -> str:
    """The path of a module as its author knows it; the forecaster itself is its forecast."""
    path = path.removeprefix("function").removeprefix(".")
    return path or FORECAST
