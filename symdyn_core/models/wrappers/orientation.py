"""The orientation of a flow in closed form: quarter turns and reflections, for any network."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Masks = tuple[Bool[Tensor, " batch"], Bool[Tensor, " batch"], Bool[Tensor, " batch"]]
"""Which samples are mirrored west and east, mirrored south and north, mirrored in the diagonal."""


@dataclass(frozen=True)
class Orientation:
    """The pose of a flow among the quarter turns C_4, or with reflections D_4.

    The flux of kinetic energy, m = < |w|² w > over the last frame, is a vector: it turns and
    reflects with the flow, and neither cyclic shifts nor the strength of the flow change its
    direction. The canonical pose has m within 45 degrees of east; with reflections, moreover to
    the north of it. Inside ``InMeanFrame`` m is the flux by the fluctuations, a third moment,
    which no boost changes; outside it mostly the mean flow.

    Equivariant, exactly, wherever m lies inside a sector. On the borders (m at an odd multiple of
    45 degrees; with reflections of any multiple) the pose jumps, and so does the forecast: no
    choice of a pose is continuous. For isotropic flow m is nearly zero and the pose a matter of
    chance; for m = 0, as at rest, it is the identity. Equal components count as east or west.

    Attributes:
        mirrored: whether reflections are taken out too.
    """

    mirrored: bool = False

    def canonical(
        self, window: Float[Tensor, "batch past component y x"]
    ) -> tuple[Float[Tensor, "batch past component y x"], Masks]:
        """The window in the canonical pose, and what was mirrored for it.

        Raises:
            ValueError: a rectangle, which a quarter turn does not fit.
        """
        if window.shape[-2] != window.shape[-1]:
            raise ValueError(
                "A pose among the quarter turns needs square windows, got "
                f"{window.shape[-2]} x {window.shape[-1]}. Cut squares, or average over the group."
            )
        pose = self._pose(energy_flux(window))
        return _diagonal(pose[2], _north(pose[1], _east(pose[0], window))), pose

    def restored(
        self, forecast: Float[Tensor, "batch component y x"], pose: Masks
    ) -> Float[Tensor, "batch component y x"]:
        """The forecast mirrored back, in the opposite order."""
        return _east(pose[0], _north(pose[1], _diagonal(pose[2], forecast)))

    def at_scale(self, factor: float) -> "Orientation":
        """Scaling about the centre turns nothing."""
        return self

    def _pose(self, m: Float[Tensor, "batch 2"]) -> Masks:
        """Every element of D_4 is a product of three mirrors, east, north and then diagonal; the
        turns are the products of an even number."""
        east, north = m[:, 0], m[:, 1]
        diagonal = north.abs() > east.abs()
        if self.mirrored:
            return east < 0, north < 0, diagonal
        # West turns by 180 degrees, E N; north by -90, first E and then D; south by 90, N and D.
        flip_east = torch.where(diagonal, north > 0, east < 0)
        flip_north = torch.where(diagonal, north < 0, east < 0)
        return flip_east, flip_north, diagonal


def energy_flux(
    window: Float[Tensor, "batch past component y x"],
) -> Float[Tensor, "batch 2"]:
    """< |w|² w > over the last frame, in units of its largest velocity cubed."""
    now = window[:, -1].detach()
    now = now if now.dtype in (torch.float32, torch.float64) else now.float()
    peak = now.abs().amax((1, 2, 3), keepdim=True)
    now = now / torch.where(peak > 0, peak, 1)
    return (now.square().sum(1, keepdim=True) * now).mean((-2, -1))


def _east(chosen: Tensor, w: Tensor) -> Tensor:
    """West and east exchanged, (u, v)(x, y) -> (-u, v)(-x, y), in the chosen samples."""
    return _where(chosen, w.flip(-1) * w.new_tensor((-1.0, 1.0))[:, None, None], w)


def _north(chosen: Tensor, w: Tensor) -> Tensor:
    """South and north exchanged, (u, v)(x, y) -> (u, -v)(x, -y), in the chosen samples."""
    return _where(chosen, w.flip(-2) * w.new_tensor((1.0, -1.0))[:, None, None], w)


def _diagonal(chosen: Tensor, w: Tensor) -> Tensor:
    """East and north exchanged, (u, v)(x, y) -> (v, u)(y, x), in the chosen samples."""
    return _where(chosen, w.mT.flip(-3), w)


def _where(chosen: Tensor, this: Tensor, that: Tensor) -> Tensor:
    return torch.where(chosen.reshape(-1, *[1] * (that.ndim - 1)), this, that)
