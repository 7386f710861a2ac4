"""The best representation that a layer could have: an affine map of channels, fitted and tested."""

from collections.abc import Sequence

import torch
from torch import Tensor

RIDGE = 1e-10
"""Of the fit, relative to the mean square of its channels."""


def fitted_residual(pixels: Sequence[tuple[Tensor, Tensor]]) -> float:
    """Relative error, on every second window, of the affine map fitted on the others.

    NaN for a single window, or for fewer pixels than twice the channels.
    """
    train, test = pixels[::2], pixels[1::2]
    if not test or sum(len(a) for a, _ in train) < 2 * train[0][0].shape[1]:
        return float("nan")
    x, y = (torch.cat(part) for part in zip(*train, strict=True))
    mean_x, mean_y = x.mean(dim=0), y.mean(dim=0)
    x, y = x - mean_x, y - mean_y
    gram = x.T @ x
    ridge = RIDGE * gram.diagonal().mean().clamp_min(torch.finfo(torch.float64).tiny)
    rho = torch.linalg.lstsq(gram + ridge * torch.eye(len(gram)).double(), x.T @ y).solution
    held_x, held_y = (torch.cat(part) for part in zip(*test, strict=True))
    defect = (held_x - mean_x) @ rho + mean_y - held_y
    return (defect.norm() / held_y.norm()).item() if held_y.any() else 0.0
