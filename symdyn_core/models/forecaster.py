"""What a forecaster is, and the rollout, written once for all of them."""

import copy
import math
from typing import Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.levels import LevelLift
from symdyn_core.layers.scaling import dilate


@runtime_checkable
class Forecaster(Protocol):
    """Maps past frames of velocity to the next one: networks, persistence, solvers, wrappers."""

    past: int

    def __call__(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> Float[Tensor, "batch component y x"]: ...


def rollout(
    forecaster: Forecaster,
    window: Float[Tensor, "batch past component y x"],
    steps: int,
    *,
    detach: bool = False,
) -> Float[Tensor, "batch steps component y x"]:
    """Forecast several steps: each forecast joins the window and the oldest frame leaves it.

    Args:
        window: at least ``forecaster.past`` frames; the latest of them are used.
        steps: number of frames to forecast.
        detach: cut the gradient between steps (unrolled training without it, "NOG").

    Raises:
        ValueError: too few past frames, or no step.
    """
    if window.shape[1] < forecaster.past:
        raise ValueError(
            f"The forecaster needs {forecaster.past} past frames, got {window.shape[1]}. "
            "Cut windows with a larger `past`."
        )
    if steps < 1:
        raise ValueError(f"A rollout needs at least one step, got {steps}.")
    frames = list(window[:, window.shape[1] - forecaster.past :].unbind(dim=1))
    forecasts = []
    for _ in range(steps):
        forecast = forecaster(torch.stack(frames, dim=1))
        forecasts.append(forecast)
        frames = [*frames[1:], forecast.detach() if detach else forecast]
    return torch.stack(forecasts, dim=1)


class NetworkForecaster(nn.Module):
    """A network as a forecaster: one RMS number as its unit, increment or direct prediction.

        increment:  f(w) = w_now + U net(w / U)
        direct:     f(w) = U net(w / U)

    U, the root mean square velocity of the training data, is a single number for all components
    and frames: dividing by it keeps every symmetry, which subtracting a mean would not.

    Args:
        network: maps (batch, 2 past, y, x), channels u0 v0 u1 v1 ..., to (batch, 2, y, x).
        past: number of input frames.
        scale: U, in the unit of the velocities.
        predicts: "increment" (default) or "velocity" (direct, as in Wang et al. 2021).
    """

    scale: Tensor

    def __init__(
        self,
        network: nn.Module,
        past: int,
        *,
        scale: float = 1.0,
        predicts: Literal["increment", "velocity"] = "increment",
    ):
        super().__init__()
        if past < 1 or not 0 < scale < math.inf:
            raise ValueError(
                "A forecaster needs at least one past frame and a positive scale, got "
                f"past={past}, scale={scale}. Use the root mean square velocity of the data."
            )
        if predicts not in ("increment", "velocity"):
            raise ValueError(f"predicts must be 'increment' or 'velocity', got {predicts!r}.")
        self.network = network
        self.past = past
        self.predicts = predicts
        self.amplitude = 1.0
        self.register_buffer("scale", torch.tensor(float(scale)))

    def at_scale(self, factor: float | int) -> "NetworkForecaster | None":
        """The same network read at another scale: f_a with f(T_a w) = T_a f_a(w), a = ``factor``.

        It looks at structures a times as large and at frames a^2 time steps apart, and forecasts
        the frame a^2 steps ahead: T_a is the action of ``Scaling``. None for a network without
        levels of scale.

        Raises:
            ValueError: a^2 is no whole number of time steps.
        """
        lift = next((m for m in self.network.modules() if isinstance(m, LevelLift)), None)
        if lift is None:
            return None
        other = copy.deepcopy(self)
        dilate(other.network, factor)
        other.past = round(factor**2) * (lift.past - 1) + 1
        other.amplitude = float(factor)
        return other

    def forward(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> Float[Tensor, "batch component y x"]:
        if window.ndim != 5 or window.shape[1] != self.past or window.shape[2] != 2:
            raise ValueError(
                f"Expected a window (batch, past={self.past}, component=2, y, x), "
                f"got {tuple(window.shape)}."
            )
        output = self.network(window.flatten(1, 2) / self.scale).to(window.dtype)
        # At the scale a networks put out a w: see ``at_scale``.
        output = output * (self.scale / self.amplitude)
        return window[:, -1] + output if self.predicts == "increment" else output


def parameter_count(module: nn.Module) -> int:
    """Number of trainable real numbers."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def receptive_radius(forecaster: object) -> int | None:
    """Farthest cell that a forecast depends on, in cells; None if the forecaster does not say."""
    network = getattr(forecaster, "network", forecaster)
    return getattr(network, "receptive_radius", None)
