"""Forecasters: networks, baselines, and the zoo of trained ones.

forecaster      what a forecaster is; rollout; networks as forecasters
resnet, unet    the two architectures of Wang et al. (2021), each over any kit
baselines       persistence
wrappers        symmetries for any forecaster, from outside
specification   everything that rebuilds a network before its weights
zoo             trained forecasters with their cards
opening         a zoo model, a run directory or a user's callable by its name
placing         forecasters that compute on another device
"""

from symdyn_core.models.baselines import Persistence
from symdyn_core.models.forecaster import Forecaster, NetworkForecaster, parameter_count, rollout
from symdyn_core.models.opening import open_forecaster
from symdyn_core.models.resnet import ResNet
from symdyn_core.models.specification import ARCHITECTURES, ForecasterSpec
from symdyn_core.models.unet import UNet

__all__ = [
    "ARCHITECTURES",
    "Forecaster",
    "ForecasterSpec",
    "NetworkForecaster",
    "Persistence",
    "ResNet",
    "UNet",
    "open_forecaster",
    "parameter_count",
    "rollout",
]
