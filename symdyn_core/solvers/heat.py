"""Diffusion of heat, or of any field that spreads by itself, solved exactly."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.solvers.fourier import check_periodic, wavenumbers_of
from symdyn_core.solvers.held_symmetries import HeldSymmetry, held
from symdyn_core.solvers.time_stepping import check_frames
from symdyn_core.symmetries import (
    Magnitude,
    Reflection,
    Rotation,
    Scaling,
    Translation,
    UniformMotion,
)

Field = Float[Tensor, "batch field y x"]

MATRIX_CELLS = 96
"""Cells along an axis up to which, on a processor, the product with a matrix is faster than two
transforms."""


class HeatDiffusion:
    """The heat equation in a doubly periodic box, for any number of fields::

        qₜ = κ ∇²q,    so that   q̂(k, t) = q̂(k, 0) e^(-κ |k|² t)

    Every Fourier mode decays on its own: steps of any length are exact, and no error is left but
    rounding. The factor of a mode is one along x times one along y, so a step is a product with two
    matrices as well, A_y q Aₓ, which on small grids is faster than transforms. For the two
    components of a velocity it is the slow flow of a viscous fluid without inertia (Stokes, 1851),
    κ = ν, which stays free of divergence.

    Its symmetries are those of a linear equation without preferred direction: turns and
    reflections may act on the fields as on scalars or as on vectors.

    Args:
        grid: periodic along both axes; dt is the interval of ``trajectory``.
        diffusivity: κ [length²/time].
        dtype, device: of the states.

    Raises:
        ValueError: a diffusivity that is not positive, an open grid.
    """

    def __init__(
        self,
        grid: Grid,
        diffusivity: float | int,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        check_periodic(grid)
        if not 0 < diffusivity < math.inf:
            raise ValueError(f"Expected a positive diffusivity, got {diffusivity}.")
        self.grid, self.diffusivity = grid, float(diffusivity)
        self.dtype, self.device = dtype, torch.device(device)
        k_x, k_y = wavenumbers_of(grid)
        self._k_squared = (k_x**2 + k_y[:, None] ** 2).to(self.device)
        self._by_matrices = self.device.type == "cpu" and max(grid.shape) <= MATRIX_CELLS
        self._last: tuple[float, tuple[Tensor, ...]] | None = None

    @property
    def symmetries(self) -> tuple[HeldSymmetry, ...]:
        """The actions on trajectories that commute with diffusion."""
        common = (
            held(Translation(), "all", (1.0, 0.0), (0.5, 0.25)),
            held(UniformMotion(), "all", (0.7, -0.4)),
            held(Magnitude(), "all", 0.5, 3.0),
            held(Scaling(), "whole factors", 2.0),
        )
        if self.grid.ny != self.grid.nx or self.grid.dy != self.grid.dx:
            return common
        return (
            *common,
            held(Rotation(), "quarter turns", 90.0),
            held(Reflection(), "quarter turns with mirrors", (0.0, 1.0), (90.0, 1.0)),
        )

    def step(self, state: Field, dt: float | int) -> Field:
        """The fields a time ``dt`` later, exactly; ``dt`` of 0 or more.

        Raises:
            ValueError: a negative time, in which diffusion has no solution.
        """
        if not 0 <= dt < math.inf:
            raise ValueError(
                f"Heat does not diffuse backwards: expected dt of 0 or more, got {dt}."
            )
        last = self._last
        factors = last[1] if last is not None and last[0] == dt else self._prepared(dt)
        if self._by_matrices:
            across, along = factors
            return across @ state @ along
        return self._on_grid(torch.view_as_real(torch.fft.rfft2(state)).mul_(factors[0]))

    def _prepared(self, dt: float | int) -> tuple[Tensor, ...]:
        """What a step multiplies by, kept for the next one: runs ask for the same each time."""
        with torch.inference_mode(False):
            factors = self._matrices(dt) if self._by_matrices else (self._decay(dt),)
        self._last = float(dt), factors
        return factors

    def _on_grid(self, parts: Float[Tensor, "batch field k_y k_x 2"]) -> Field:
        """Fields of real and imaginary parts, multiplied one by one: no factor is made complex."""
        along_x = torch.fft.ifft(torch.view_as_complex(parts), dim=-2, norm="forward")
        # One axis after the other: ``irfft2`` copies the modes first.
        return torch.fft.irfft(along_x, n=self.grid.nx, norm="forward")

    def _factors(
        self, dt: float | int | Float[Tensor, "*time 1"]
    ) -> tuple[Float[Tensor, "*time k_y"], Float[Tensor, "*time k_x"]]:
        """What modes are multiplied by along either axis, float64."""
        k_x, k_y = wavenumbers_of(self.grid)
        along, across = (torch.exp(-self.diffusivity * dt * k**2) for k in (k_x, k_y))
        return across, along

    def _decay(self, dt: float | int) -> Float[Tensor, "k_y k_x 2"]:
        """The factor of every mode, for its two parts, over the number of cells."""
        across, along = self._factors(dt)
        decay = across[:, None] * (along / (self.grid.ny * self.grid.nx))
        decay = decay.to(self.device, self.dtype)
        return torch.stack((decay, decay), dim=-1)

    def _matrices(self, dt: float | int) -> tuple[Float[Tensor, "y y"], Float[Tensor, "x x"]]:
        """What a step does to the values along y and along x: circulant and symmetric."""
        across, along = self._factors(dt)

        def matrix(decay: Tensor, cells: int) -> Tensor:
            modes = torch.fft.rfft(torch.eye(cells, dtype=torch.float64))
            decayed = torch.fft.irfft(modes * decay[: cells // 2 + 1], n=cells)
            return decayed.to(self.device, self.dtype)

        return matrix(across, self.grid.ny), matrix(along, self.grid.nx)

    def advance(self, state: Field, duration: float | int) -> tuple[Field, int]:
        """The fields a ``duration`` later, and the number of steps that it took: one."""
        return self.step(state, duration), 1

    def trajectory(self, state: Field, frames: int) -> Float[Tensor, "batch time field y x"]:
        """The fields at the times 0, dt, ... of the grid, each computed from the first."""
        check_frames(frames)
        modes = torch.view_as_real(torch.fft.rfft2(state, norm="forward"))
        times = self.grid.dt * torch.arange(frames, dtype=torch.float64)[:, None]
        across, along = (part.to(self.device, self.dtype) for part in self._factors(times))
        factors = zip(across[:, :, None, None], along[:, :, None], strict=True)
        # One frame at a time: what several need at once lies further from the processor.
        return torch.stack([self._on_grid((modes * k_y).mul_(k_x)) for k_y, k_x in factors], dim=1)

    def variance(self, state: Field) -> Float[Tensor, " batch"]:
        """½⟨(q - ⟨q⟩)²⟩, summed over the fields."""
        mean = state.mean((-2, -1), keepdim=True)
        return (state - mean).square().mean((-2, -1)).sum(-1) / 2

    def dissipation(self, state: Field) -> Float[Tensor, " batch"]:
        """κ ⟨|∇q|²⟩, summed over the fields: the rate at which ``variance`` falls."""
        hat = torch.fft.rfft2(state)
        spread = torch.fft.irfft2(self._k_squared.to(self.dtype) * hat, s=self.grid.shape)
        return self.diffusivity * (state * spread).mean((-2, -1)).sum(-1)
