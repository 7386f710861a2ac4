"""A drift that is measured in the window: the displacement that best maps a frame on the next."""

import math
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.models.wrappers.drift import carried

NEWTON_STEPS = 8
"""Newton's method doubles the digits each time; from the nearest cell it takes about five."""

PASSES = 3
"""Registrations on an open patch, each of which starts from the last one's displacement."""


@dataclass(frozen=True)
class MeasuredDrift:
    """The drift d [cells a step] at which the flow of one frame looks most like that of the next.

        d = argmax_d  sum_k Re( w*(k, -1) . w(k, 0) exp(i k d) ) / |k|^2,

    each frame less its mean: the highest place of the cross-correlation, weighted towards long
    waves as that of streamfunctions is, which makes its top broad and prefers no scale. It is a
    trigonometric polynomial; Newton's method finds its top to rounding from the best whole number
    of cells. On open axes frames are tapered, and registered again from where the last pass left
    them.

    A drift of the whole flow by d' cells a step adds d' to it; a uniform velocity, or another
    strength of the flow, nothing; turns and mirrors act on it as on a vector, and a rescaled flow
    has the rescaled drift. A frame that drifts with the flow's own pattern is therefore
    equivariant to boosts, magnitude, turns and scaling on one grid together, where one that
    drifts by the mean velocity cannot be (a flow twice as strong drifts twice as far). The price
    is one symmetry too many: any drift with any uniform velocity. Standing patterns stand still,
    also where the mean velocity of a patch is large. It is exact on periodic axes; on a patch with
    open edges flow enters and leaves. No gradient flows through d: it is a place to look from.

    Attributes:
        periodic: whether the flow repeats along (y, x).
        steps: time steps between the two frames that are compared.
    """

    periodic: tuple[bool, bool] = (False, False)
    steps: int = 1

    def __post_init__(self):
        if not (self.steps >= 1 and int(self.steps) == self.steps):
            raise ValueError(
                f"Expected frames a whole number of steps apart, 1 or more, got {self.steps}."
            )

    def displacement(
        self,
        window: Float[Tensor, "batch past component y x"],
        velocity: Float[Tensor, "batch 2"],
    ) -> Float[Tensor, "batch 2"]:
        """(d_x, d_y) [cells a step] of each sample; the velocity is not looked at.

        Raises:
            ValueError: too few frames to see something move.
        """
        if window.shape[1] <= self.steps:
            raise ValueError(
                f"A drift is measured between frames {self.steps} steps apart, got "
                f"{window.shape[1]}. Give longer windows."
            )
        if len(window) == 0:
            return velocity.new_zeros(0, 2)
        with torch.no_grad(), torch.autocast(window.device.type, enabled=False):
            pair = window[:, [window.shape[1] - 1 - self.steps, -1]].double()
            pair = pair - pair.mean((-2, -1), keepdim=True)
            peak = pair.abs().amax((1, 2, 3, 4), keepdim=True)
            pair = pair / torch.where(peak > 0, peak, 1)
            moved = self._registered(pair)
        return (moved / self.steps).to(velocity.dtype)

    def _registered(self, pair: Float[Tensor, "batch 2 component y x"]) -> Float[Tensor, "batch 2"]:
        if all(self.periodic):
            return highest_correlation(pair[:, 0], pair[:, 1])
        taper = _taper(pair.shape[-2:], self.periodic).to(pair)
        total = highest_correlation(pair[:, 0] * taper, pair[:, 1] * taper)
        for _ in range(PASSES - 1):
            earlier = carried(pair[:, :1], total, total.new_ones(1), self.periodic)[:, 0]
            total = total + highest_correlation(earlier * taper, pair[:, 1] * taper)
        return total

    def on(self, grid: Grid) -> "MeasuredDrift":
        """The same on another grid: its spacing does not matter, its periodicity does."""
        return replace(self, periodic=(grid.periodic_y, grid.periodic_x))

    def at_scale(self, factor: float) -> "MeasuredDrift":
        """Compare frames factor^2 times as far apart, neighbours at the least."""
        return replace(self, steps=max(1, round(self.steps * factor**2)))


def highest_correlation(
    first: Float[Tensor, "batch component y x"], second: Float[Tensor, "batch component y x"]
) -> Float[Tensor, "batch 2"]:
    """The periodic displacement (d_x, d_y) [cells] of the largest cross-correlation; 0 at rest."""
    ny, nx = first.shape[-2:]
    cross = (torch.fft.fft2(first).conj() * torch.fft.fft2(second)).sum(1)
    k_y, k_x = _wavenumbers(ny, first), _wavenumbers(nx, first)
    # The shortest wave of an even axis has no direction to move in, the mean nowhere to go.
    seen = (k_y.abs() < math.pi)[:, None] & (k_x.abs() < math.pi)
    square = k_y.square()[:, None] + k_x.square()
    cross = cross * torch.where(seen & (square > 0), 1 / square.clamp(min=1e-9), 0)
    # Looked at between the cells too, or a neighbouring top might be taken for the highest.
    finer = F.pad(torch.fft.fftshift(cross, dim=(-2, -1)), (nx, nx, ny, ny))
    finer = torch.roll(finer, (-ny - ny // 2, -nx - nx // 2), dims=(-2, -1))
    place = torch.fft.ifft2(finer).real.flatten(1).argmax(1)
    d = torch.stack((_signed(place % (3 * nx), 3 * nx), _signed(place // (3 * nx), 3 * ny)), dim=-1)
    d = d.to(first) / 3
    for _ in range(NEWTON_STEPS):
        d = d + _newton_step(cross, k_x, k_y, d)
    return d


def _newton_step(cross: Tensor, k_x: Tensor, k_y: Tensor, d: Tensor) -> Float[Tensor, "batch 2"]:
    """One step of Newton's method to the top of sum_k Re(cross_k exp(i k d))."""
    phase_x, phase_y = torch.exp(1j * d[:, :1] * k_x), torch.exp(1j * d[:, 1:] * k_y)

    def moment(power_y: int, power_x: int) -> Tensor:
        along_x = torch.einsum("byx,bx->by", cross, phase_x * (1j * k_x) ** power_x)
        return (along_x * phase_y * (1j * k_y) ** power_y).sum(1).real

    g_x, g_y = moment(0, 1), moment(1, 0)
    h_xx, h_xy, h_yy = moment(0, 2), moment(1, 1), moment(2, 0)
    determinant = h_xx * h_yy - h_xy**2
    # A top curves down in every direction; elsewhere (a flow that varies along one axis only, or
    # not at all) each axis that has a top is climbed for itself.
    top = (determinant > 1e-9 * (h_xx * h_yy).abs()) & (h_xx < 0) & (h_yy < 0)
    safe = torch.where(top, determinant, 1)
    both = torch.stack((h_xy * g_y - h_yy * g_x, h_xy * g_x - h_xx * g_y), dim=-1) / safe[:, None]
    alone = torch.stack((_alone(g_x, h_xx), _alone(g_y, h_yy)), dim=-1)
    return torch.where(top[:, None], both, alone).clamp(-1, 1)


def _alone(gradient: Tensor, curvature: Tensor) -> Tensor:
    return torch.where(curvature < 0, -gradient / torch.where(curvature < 0, curvature, -1), 0)


def _wavenumbers(cells: int, like: Tensor) -> Tensor:
    return 2 * math.pi * torch.fft.fftfreq(cells, dtype=like.dtype, device=like.device)


def _signed(cells: Tensor, size: int) -> Tensor:
    """A displacement between -size / 2 and size / 2."""
    return torch.where(cells > size // 2, cells - size, cells)


def _taper(shape: torch.Size, periodic: tuple[bool, bool]) -> Float[Tensor, "y x"]:
    """A Hann window along open axes."""
    along_y, along_x = (
        torch.ones(size, dtype=torch.float64)
        if repeats
        else torch.hann_window(size + 2, periodic=False, dtype=torch.float64)[1:-1]
        for size, repeats in zip(shape, periodic, strict=True)
    )
    return torch.outer(along_y, along_x)
