"""Forecasts without learning: what every network must beat."""

from jaxtyping import Float
from torch import Tensor, nn


class Persistence(nn.Module):
    """Tomorrow is like today: f(w) = w_now. Equivariant under everything but the boost."""

    receptive_radius = 0

    def __init__(self, past: int = 1):
        super().__init__()
        self.past = past

    def forward(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> Float[Tensor, "batch component y x"]:
        return window[:, -1]
