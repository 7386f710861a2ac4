"""A forecaster that computes on another device than its windows are on."""

import threading
from typing import Any

import torch
from torch import Tensor, nn

from symdyn_core.models.forecaster import NetworkForecaster
from symdyn_core.models.wrappers import Wrapper


class _Errand:
    """Takes windows to a device, and forecasts back to where the windows came from."""

    def __init__(self, device: str):
        self.device = torch.device(device)
        # Several threads forecast with one network, and wrapped networks one inside the other.
        self._own = threading.local()

    def __deepcopy__(self, memo: dict) -> "_Errand":
        return self

    def out(self, module: nn.Module, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        window, *others = arguments
        self._origins.append(window.device)
        return window.to(self.device), *others

    def back(self, module: nn.Module, arguments: tuple[Any, ...], forecast: Tensor) -> Tensor:
        return forecast.to(self._origins.pop())

    @property
    def _origins(self) -> list[torch.device]:
        if not hasattr(self._own, "origins"):
            self._own.origins = []
        return self._own.origins


def placed(forecaster: Any, device: str) -> Any:
    """The forecaster itself, moved to a device: it takes windows and gives forecasts as before.

    What has no weights stays where it is: there is nothing to gain, and a foreign function may not
    know of devices.
    """
    if device == "cpu" or not isinstance(forecaster, nn.Module):
        return forecaster
    if next(forecaster.parameters(), None) is None:
        return forecaster
    forecaster.to(device)
    errand = _Errand(device)
    for module in forecaster.modules():
        if module is forecaster or isinstance(module, NetworkForecaster | Wrapper):
            module.register_forward_pre_hook(errand.out)
            module.register_forward_hook(errand.back)
    return forecaster
