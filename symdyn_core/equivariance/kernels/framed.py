"""Layers that see a neighbourhood from a frame of its own: its mean, or its strength.

The filter of such a layer never changes; what moves with the flow is the frame, which is taken off
before the filter and put back behind it:

    uniform motion   P -> P + c:   the mean moves by c, P - mean stays
    magnitude        P -> a P:     the strength becomes a times as large, P / strength stays

A layer respects the action if its answer to g P is rho_out(g) of its answer to P, where answers
either follow (they move by c, they are multiplied by a) or are invariant.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.equivariance.kernels.filters import FilterLayer
from symdyn_core.layers.magnitude import local_magnitude
from symdyn_core.layers.uniform_motion import local_mean
from symdyn_core.models.forecaster import Forecaster

SPARE = 4
"""Cells around a neighbourhood that an activation may look at."""


@dataclass(frozen=True)
class Framed:
    """What a layer makes of one neighbourhood before and after an element.

    Attributes:
        patch: the neighbourhood g P in pairs of channels, as wide as the kernel.
        frame: its mean, or as (strength, 0) its strength.
        inside: the neighbourhood seen from its frame, which g does not change.
        answer, moved_answer: of all output channels, to P and to g P.
        residual: || moved_answer - rho_out(g) answer || / || answer || for the better rho_out.
        follows: whether that is the rho_out that moves along.
    """

    patch: Float[Tensor, "pair 2 ky kx"]
    frame: Float[Tensor, " 2"]
    inside: Float[Tensor, "pair 2 ky kx"]
    answer: Float[Tensor, " channel"]
    moved_answer: Float[Tensor, " channel"]
    residual: float
    follows: bool


@torch.no_grad()
def neighbourhood(
    forecaster: Forecaster, layer: FilterLayer, window: Float[Tensor, "1 past component y x"]
) -> Float[Tensor, "channel cells_y cells_x"]:
    """The input of a layer around the place where it varies most, as wide as kernel and spare.

    Raises:
        ValueError: the layer is not run, or its fields are smaller than that.
    """
    seen: list[Tensor] = []
    handle = layer.answering.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        forecaster(window[:, window.shape[1] - forecaster.past :])
    finally:
        handle.remove()
    reach = layer.half + SPARE
    if not seen or min(seen[0].shape[-2:]) < 2 * reach + 1:
        raise ValueError(
            f"{layer.path} sees no neighbourhood of {2 * reach + 1} x {2 * reach + 1} cells. "
            "Choose another layer or a larger flow."
        )
    h = seen[0][0]
    y, x = _liveliest(h, layer.half, reach)
    return h[:, y - reach : y + reach + 1, x - reach : x + reach + 1]


@torch.no_grad()
def framed(
    layer: FilterLayer,
    patch: Float[Tensor, "channel cells_y cells_x"],
    *,
    motion: tuple[float, float] | None = None,
    factor: float | None = None,
) -> Framed:
    """What a layer makes of a neighbourhood in uniform motion, or of another strength.

    Args:
        patch: as ``neighbourhood`` cuts it out.
        motion: c, in root mean squares of the neighbourhood.
        factor: a > 0.

    Raises:
        ValueError: not exactly one of the two, or an odd number of channels.
    """
    if (motion is None) is (factor is None):
        raise ValueError("Give either a motion or a factor, not both.")
    if patch.shape[0] % 2:
        raise ValueError(f"{layer.path} has an odd number of channels: they form no velocities.")
    given = _Action(motion, factor, patch.square().mean().sqrt().item() or 1.0)
    after = patch if layer.frameless else given.on(patch)
    answer, moved_answer = _answer(layer, patch), _answer(layer, after)
    expected = {False: answer}
    if motion is None or answer.shape[0] % 2 == 0:
        expected[True] = given.on(answer[:, None, None])[:, 0, 0]
    misses = {follows: (moved_answer - one).norm().item() for follows, one in expected.items()}
    follows = min(misses, key=lambda key: misses[key])
    size = expected[follows].norm().item() or 1.0
    core = after[:, SPARE : after.shape[1] - SPARE, SPARE : after.shape[2] - SPARE]
    frame, inside = given.seen(core)
    return Framed(
        core.unflatten(0, (-1, 2)), frame, inside, answer, moved_answer,
        misses[follows] / size, follows,
    )  # fmt: skip


@dataclass(frozen=True)
class _Action:
    motion: tuple[float, float] | None
    factor: float | None
    unit: float

    def on(self, h: Tensor) -> Tensor:
        if self.motion is None:
            return h * (1.0 if self.factor is None else self.factor)
        c = torch.tensor(self.motion, dtype=h.dtype, device=h.device) * self.unit
        return (h.unflatten(0, (-1, 2)) + c[:, None, None]).flatten(0, 1)

    def seen(self, core: Tensor) -> tuple[Tensor, Tensor]:
        """The frame, and the neighbourhood from it."""
        middle = core.shape[-1] // 2
        pairs = core.unflatten(0, (-1, 2))
        if self.motion is not None:
            mean = local_mean(core[None], middle, (False, False))[0, :, middle, middle]
            return mean, pairs - mean[:, None, None]
        strength = local_magnitude(core[None], middle, (False, False))[0, 0, middle, middle]
        return torch.stack((strength, torch.zeros_like(strength))), pairs / strength


def _answer(layer: FilterLayer, patch: Tensor) -> Float[Tensor, " channel"]:
    whole = layer.answering(patch[None])[0]
    return whole[:, whole.shape[1] // 2, whole.shape[2] // 2]


def _liveliest(h: Tensor, half: int, reach: int) -> tuple[int, int]:
    """The cell around which features vary most, away from the edges."""
    size = 2 * half + 1
    mean = nn.functional.avg_pool2d(h[None], size, 1, half)
    square = nn.functional.avg_pool2d(h[None].square(), size, 1, half)
    spread = (square - mean.square()).sum(dim=(0, 1))
    inside = spread[reach : spread.shape[0] - reach, reach : spread.shape[1] - reach]
    place = int(inside.argmax())
    return reach + place // inside.shape[1], reach + place % inside.shape[1]
