"""How unlike the flow that a model was trained on a window is: a gauge before any forecast.

A window is described by a few numbers that each symmetry moves in its own way: strength, mean flow,
anisotropy, scale of the structures, and pace of change. Their Mahalanobis distance from the windows
of a reference flow, compared with the distances of those windows themselves, tells how far outside
a new window lies. It says nothing about the forecast: an equivariant model is as good far outside
as it was inside.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.datasets.windows import Windows
from symdyn_core.grid import Grid
from symdyn_core.spectra import energy_spectrum

FEATURES = (
    "strength",
    "eastward mean flow",
    "northward mean flow",
    "stretching along an axis",
    "stretching along a diagonal",
    "size of structures",
    "pace of change",
)
"""What a window is described by, in words."""

RIDGE = 1e-3
"""Share of the mean variance added to each feature: a feature that never varies is no proof."""


@dataclass(frozen=True)
class Gauge:
    """The windows of a reference flow, as a distribution of features.

    Attributes:
        mean, whitening: of the features; whitened features have unit covariance.
        distances: of the reference windows from their mean, ascending.
    """

    mean: Float[Tensor, " feature"]
    whitening: Float[Tensor, "feature feature"]
    distances: Float[Tensor, " window"]

    def distance(self, features: Float[Tensor, " feature"]) -> float:
        """Mahalanobis distance of a window."""
        return (self.whitening @ (features - self.mean)).norm().item()

    def share_nearer(self, features: Float[Tensor, " feature"]) -> float:
        """Share of the reference windows that lie nearer to their mean: 1 is outside of all."""
        near = torch.searchsorted(self.distances, self.distance(features))
        return near.item() / len(self.distances)

    def excess(self, features: Float[Tensor, " feature"]) -> float:
        """Distance of a window in units of that of the farthest reference window: above 1 outside
        of all."""
        return self.distance(features) / self.distances[-1].item()

    def strangest(self, features: Float[Tensor, " feature"]) -> str:
        """The feature that is farthest from what the reference has, in its own spread."""
        spread = torch.linalg.inv(self.whitening).square().sum(1).sqrt()
        return FEATURES[int(((features - self.mean) / spread).abs().argmax())]


def window_features(
    window: Float[Tensor, "time component=2 y x"], grid: Grid
) -> Float[Tensor, " feature"]:
    """The features of a window, in float64; land counts as still water.

    With u', v' the departures of the last frame from its mean and s their root mean square:
    log s, <u>/s, <v>/s, <u'² - v'²>/s², 2<u'v'>/s², mean log k weighted by energy, and
    log (|| w_n - w_(n-1) || / || w' ||).
    """
    w = window[-2:].double()
    mean = w[-1].mean((1, 2))
    u, v = w[-1] - mean[:, None, None]
    strength = (u.square() + v.square()).mean().sqrt().clamp_min(1e-30)
    energy = energy_spectrum(w[-1], grid)[1:].clamp_min(0)
    rings = torch.arange(1, len(energy) + 1, dtype=torch.float64)
    total = energy.sum().clamp_min(1e-300)
    change = (w[-1] - w[0]).square().sum(0).mean().sqrt().clamp_min(1e-30)
    return torch.stack(
        (
            strength.log(),
            mean[0] / strength,
            mean[1] / strength,
            (u.square() - v.square()).mean() / strength**2,
            2 * (u * v).mean() / strength**2,
            (rings.log() * energy).sum() / total,
            (change / strength).log(),
        )
    )


def gauge_of(windows: Windows, count: int = 200) -> Gauge:
    """The gauge of a reference flow, from windows spread over members and time.

    Raises:
        ValueError: windows of one frame only, or too few of them.
    """
    if windows.past < 2:
        raise ValueError(f"Expected windows of at least 2 frames, got {windows.past}.")
    if len(windows) <= len(FEATURES):
        raise ValueError(
            f"Expected more than {len(FEATURES)} windows for a gauge, got {len(windows)}. "
            "Use a longer flow."
        )
    places = torch.linspace(0, len(windows) - 1, min(count, len(windows)), dtype=torch.float64)
    rows = []
    for index in places.round().long().unique().tolist():
        member, _ = windows.start_of(index)
        rows.append(window_features(windows.batch([index]).w[0], windows.grids[member]))
    features = torch.stack(rows)
    mean = features.mean(0)
    covariance = torch.cov(features.T)
    covariance += RIDGE * covariance.diagonal().mean() * torch.eye(len(FEATURES)).double()
    whitening = torch.linalg.inv(torch.linalg.cholesky(covariance))
    distances = ((features - mean) @ whitening.T).norm(dim=1).sort().values
    return Gauge(mean, whitening, distances)
