"""From the staggered grid of a solver to the uniform square cells that networks see."""

import numpy as np
import torch
from jaxtyping import Float
from scipy.interpolate import CubicSpline
from torch import Tensor

from symdyn_core.solvers.staggered import Channel


def averaging_matrix(
    faces: np.ndarray, new_faces: np.ndarray, *, periodic: bool = False
) -> Float[np.ndarray, "new old"]:
    """The matrix that takes cell averages on old cells to cell averages on new ones.

    The integral of the field up to each old face is known exactly; a cubic spline through those
    values is read at the new faces. The total is conserved exactly, equal cells are copied, the
    error is of third order or better, and wider new cells average what they cover, so that scales
    they cannot hold are damped before they are sampled.

    Args:
        faces, new_faces: faces of both sets of cells, increasing, from the same to the same end.
        periodic: whether the last face is the first one again.

    Raises:
        ValueError: the two sets of cells do not cover the same interval.
    """
    if not np.allclose(faces[[0, -1]], new_faces[[0, -1]]):
        raise ValueError(
            "Expected old and new cells to cover the same interval, got "
            f"{faces[[0, -1]].tolist()} and {new_faces[[0, -1]].tolist()}."
        )
    widths = np.diff(faces)
    mean = widths / widths.sum()
    # The mean is carried apart: what is left integrates to zero, as a periodic spline needs.
    deviation = np.eye(len(widths)) - mean
    integral = np.vstack((np.zeros(len(widths)), np.cumsum(widths[:, None] * deviation, axis=0)))
    integral[-1] = 0.0
    spline = CubicSpline(faces, integral, bc_type="periodic" if periodic else "not-a-knot")
    return np.diff(spline(new_faces), axis=0) / np.diff(new_faces)[:, None] + mean


def interpolating_matrix(
    faces: np.ndarray, new_faces: np.ndarray, *, periodic: bool = False
) -> Float[np.ndarray, "new old"]:
    """The matrix that takes values on old faces to values on new ones, by a cubic spline.

    It belongs to ``averaging_matrix``: the difference of interpolated values over a new cell is
    its width times the average of the differences, so both together turn a flux without
    divergence into one without divergence. Faces that coincide are copied.

    Args:
        faces, new_faces: as there; where the cells are periodic, the last face is the first one
            again and has neither a row nor a column of its own.
        periodic: whether it is.
    """
    values = np.eye(len(faces))
    if not periodic:
        return CubicSpline(faces, values, bc_type="not-a-knot")(new_faces)
    values[-1] = values[0]
    return CubicSpline(faces, values, bc_type="periodic")(new_faces)[:-1, :-1]


class UniformSampler:
    """States of a channel as cell averages of (u, v, T) on ny x nx uniform cells.

    Velocities are averaged from the faces to the centres, then all fields from the solver's cells
    to the output's by two fixed matrices.

    Args:
        channel: the solver's cells.
        ny, nx: number of output cells.
        dtype, device: of the states.
    """

    def __init__(
        self,
        channel: Channel,
        ny: int,
        nx: int,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        across = averaging_matrix(channel.faces().numpy(), np.linspace(0, 1, ny + 1))
        along = averaging_matrix(
            np.linspace(0, channel.length, channel.nx + 1),
            np.linspace(0, channel.length, nx + 1),
            periodic=True,
        )
        self._across = torch.from_numpy(across).to(device=device, dtype=dtype)
        self._along = torch.from_numpy(along.T.copy()).to(device=device, dtype=dtype)

    def __call__(self, q: Float[Tensor, "batch 3 y x"]) -> Float[Tensor, "batch 3 ny nx"]:
        """(u, v, T) on the output cells."""
        return self._across @ centred(q) @ self._along


class FaceSampler:
    """States of a channel as staggered (u, v, T) on ny x nx uniform cells, free of divergence.

    Velocities become means of the flow through the left and the lower face of every new cell, as
    in Kochkov et al. (2021), PNAS 118, and temperatures means over the cells. What flows through
    a new face is what flowed through the old ones that make it up, so the divergence in a new cell
    is the mean of that in the old ones: zero to rounding. Averages are taken along the faces only:
    waves along u shorter than two new cells are not damped, which is the price of keeping fluxes;
    ``UniformSampler`` damps them.

    Args:
        channel: the solver's cells.
        ny, nx: number of output cells.
        dtype, device: of the states.
    """

    def __init__(
        self,
        channel: Channel,
        ny: int,
        nx: int,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        across = channel.faces().numpy(), np.linspace(0, 1, ny + 1)
        along = (
            np.linspace(0, channel.length, channel.nx + 1),
            np.linspace(0, channel.length, nx + 1),
        )

        def put(matrix: np.ndarray) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(matrix)).to(device=device, dtype=dtype)

        self._rows = put(averaging_matrix(*across))
        self._columns = put(averaging_matrix(*along, periodic=True).T)
        # The flow through the upper plate is zero and not stored.
        self._at_rows = put(interpolating_matrix(*across)[:-1, :-1])
        self._at_columns = put(interpolating_matrix(*along, periodic=True).T)

    def __call__(self, q: Float[Tensor, "batch 3 y x"]) -> Float[Tensor, "batch 3 ny nx"]:
        """(u, v, T) on left faces, on lower faces, and in the cells, of the output."""
        u, v, temperature = q.unbind(1)
        return torch.stack(
            (
                self._rows @ u @ self._at_columns,
                self._at_rows @ v @ self._columns,
                self._rows @ temperature @ self._columns,
            ),
            dim=1,
        )


def centred(q: Float[Tensor, "batch 3 y x"]) -> Float[Tensor, "batch 3 y x"]:
    """The state with both velocity components averaged to the cell centres."""
    u, v, temperature = q.unbind(1)
    u = (u + u.roll(-1, dims=-1)) / 2
    v_above = torch.cat((v[:, 1:], torch.zeros_like(v[:, :1])), dim=1)
    return torch.stack((u, (v + v_above) / 2, temperature), dim=1)
