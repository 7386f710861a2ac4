"""Rotation and reflection of the plane."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import torch
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.layers import DihedralKit, LayerKit, SteerableKit
from symdyn_core.point_sampling import PointSampler
from symdyn_core.resampling import TOLERANCE
from symdyn_core.symmetries.symmetry import (
    Parameter,
    Symmetry,
    everywhere,
    number,
    pair,
    spread,
)

KEPT_TURNINGS, KEPT_CELLS = 16, 2**15
"""Turns of small grids are kept: a window, its truth and its forecasts are turned alike."""

_TURNINGS: OrderedDict[tuple, tuple[PointSampler, Tensor]] = OrderedDict()
_LOCK = Lock()

ANGLE = Parameter("angle", "degrees", 0.0, 360.0, 1.0, 0.0)


@dataclass(frozen=True)
class Rotation(Symmetry):
    """``w -> R w(R^-1 x, t)`` for R in SO(2); the element is the angle in degrees.

    Positive angles turn counter-clockwise as displayed (x east, y north): at 90 degrees the
    components become (u, v) -> (-v, u). The centre is that of the domain. Quarter turns move cells
    by index, exactly; other angles interpolate, and corners that come from outside are invalid.
    """

    name: str = "rotation"
    title: str = "Rotation"
    action: str = r"w(x, t) \mapsto R\,w(R^{-1}x, t)"
    parameters: tuple[Parameter, ...] = (ANGLE,)

    def act_on_field(self, element: Element, w: Tensor, grid: Grid, lead: int = 0):
        grid.check(w)
        return turned(w, number(element, self.name), grid)

    def act_on_grid(self, element: Element, grid: Grid) -> Grid:
        return turned_grid(number(element, self.name), grid)

    def identity(self) -> Element:
        return 0.0

    def inverse(self, element: Element) -> Element:
        return -number(element, self.name) % 360

    def compose(self, first: Element, second: Element) -> Element:
        return (number(first, self.name) + number(second, self.name)) % 360

    def random_element(self, generator: torch.Generator) -> Element:
        """A quarter turn, as in the paper: 0, 90, 180 or 270 degrees."""
        return 90.0 * torch.randint(4, (), generator=generator).item()

    def elements(self, count: int) -> list[Element]:
        return [*spread(0.0, 360.0, count)]

    def is_exact(self, element: Element, grid: Grid) -> bool:
        return quarter_turns(number(element, self.name)) is not None

    def kit(
        self, periodic: tuple[bool, bool] = (False, False), kernel_size: int = 3, order: int = 8
    ) -> LayerKit:
        return SteerableKit(periodic=periodic, kernel_size=kernel_size, order=order)


@dataclass(frozen=True)
class Reflection(Symmetry):
    """``w -> R w(R^-1 x, t)`` for R in O(2); the element is (angle in degrees, mirrored 0 or 1).

    A mirrored element first reflects north and south, (u, v)(x, y) -> (u, -v)(x, -y), and then
    turns by the angle: the reflection in the line at half that angle.
    """

    name: str = "reflection"
    title: str = "Reflection and rotation"
    action: str = r"w(x, t) \mapsto R\,w(R^{-1}x, t),\; R \in O(2)"
    parameters: tuple[Parameter, ...] = (ANGLE, Parameter("mirrored", "1", 0.0, 1.0, 1.0, 0.0))

    def act_on_field(self, element: Element, w: Tensor, grid: Grid, lead: int = 0):
        grid.check(w)
        angle, mirrored = self._parts(element)
        if mirrored:
            w = w.flip(-2) * w.new_tensor((1.0, -1.0))[:, None, None]
            grid = _flipped(grid)
        return turned(w, angle, grid)

    def act_on_grid(self, element: Element, grid: Grid) -> Grid:
        angle, mirrored = self._parts(element)
        return turned_grid(angle, _flipped(grid) if mirrored else grid)

    def identity(self) -> Element:
        return 0.0, 0.0

    def inverse(self, element: Element) -> Element:
        angle, mirrored = self._parts(element)
        return (angle if mirrored else -angle % 360), float(mirrored)

    def compose(self, first: Element, second: Element) -> Element:
        (a, m), (b, n) = self._parts(first), self._parts(second)
        return (a - b if m else a + b) % 360, float(m != n)

    def random_element(self, generator: torch.Generator) -> Element:
        """A quarter turn, mirrored or not."""
        turns, mirrored = torch.randint(4, (2,), generator=generator).tolist()
        return 90.0 * turns, float(mirrored % 2)

    def elements(self, count: int) -> list[Element]:
        return [(angle, 1.0) for angle in spread(0.0, 360.0, count)[:-1]]

    def is_exact(self, element: Element, grid: Grid) -> bool:
        return quarter_turns(self._parts(element)[0]) is not None

    def kit(
        self, periodic: tuple[bool, bool] = (False, False), kernel_size: int = 3, order: int = 8
    ) -> LayerKit:
        return DihedralKit(periodic=periodic, kernel_size=kernel_size, order=order)

    def _parts(self, element: Element) -> tuple[float, bool]:
        angle, mirrored = pair(element, self.name)
        if mirrored not in (0.0, 1.0):
            raise ValueError(f"An element is (degrees, mirrored 0 or 1), got {element!r}.")
        return angle, bool(mirrored)


def quarter_turns(angle: float) -> int | None:
    """The number of quarter turns (0 to 3) in an angle of degrees; None for another angle."""
    turns = angle / 90
    return round(turns) % 4 if abs(turns - round(turns)) < TOLERANCE else None


def turned(w: Tensor, angle: float, grid: Grid) -> tuple[Tensor, Tensor]:
    """A window turned counter-clockwise by ``angle`` degrees, and where it is known."""
    turns = quarter_turns(angle)
    if turns is None:
        return _turned_between(w, math.radians(angle), grid)
    # Rows run northwards, so a counter-clockwise turn as displayed is one of -1 by index.
    cosine, sine = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[turns]
    moved = _rotated_components(torch.rot90(w, -turns, (-2, -1)), cosine, sine)
    valid = torch.rot90(everywhere(w, grid), -turns, (-2, -1))
    return moved, valid


def _turned_between(w: Tensor, angle: float, grid: Grid) -> tuple[Tensor, Tensor]:
    sampler, valid = _turning(angle, grid)
    moved = _rotated_components(sampler(w), math.cos(angle), math.sin(angle))
    return moved, valid.to(w.device).expand(w.shape[-4], 1, *grid.shape)


def _turning(angle: float, grid: Grid) -> tuple[PointSampler, Tensor]:
    """What evaluates a field at the turned cells, and which of them are known."""
    if grid.ny * grid.nx > KEPT_CELLS:
        return _prepared_turning(angle, grid)
    # Grids are equal whatever their land: its bytes tell them apart.
    land = None if grid.water is None else grid.water.cpu().numpy().tobytes()
    key = angle, grid, land
    with _LOCK:
        if key in _TURNINGS:
            _TURNINGS.move_to_end(key)
            return _TURNINGS[key]
    made = _prepared_turning(angle, grid)
    with _LOCK:
        _TURNINGS[key] = made
        while len(_TURNINGS) > KEPT_TURNINGS:
            _TURNINGS.popitem(last=False)
    return made


def _prepared_turning(angle: float, grid: Grid) -> tuple[PointSampler, Tensor]:
    cosine, sine = math.cos(angle), math.sin(angle)
    y, x = torch.meshgrid(grid.y(dtype=torch.float64), grid.x(dtype=torch.float64), indexing="ij")
    source_x, source_y = cosine * x + sine * y, -sine * x + cosine * y
    columns = source_x / grid.dx + (grid.nx - 1) / 2
    rows = source_y / grid.dy + (grid.ny - 1) / 2
    sampler = PointSampler(rows, columns, grid)
    # Beyond the edge a periodic flow is known, but the turned box does not tile the plane.
    inside = (columns >= -0.5) & (columns <= grid.nx - 0.5)
    inside &= (rows >= -0.5) & (rows <= grid.ny - 0.5)
    return sampler, sampler.valid & inside


def _rotated_components(w: Tensor, cosine: float, sine: float) -> Tensor:
    u, v = w.unbind(-3)
    return torch.stack((cosine * u - sine * v, sine * u + cosine * v), dim=-3)


def turned_grid(angle: float, grid: Grid) -> Grid:
    """The grid of a turned window: axes swap at odd quarter turns; between, no axis repeats."""
    turns = quarter_turns(angle)
    if turns is None:
        _, valid = _turning(math.radians(angle), grid)
        return grid.with_(periodic_x=False, periodic_y=False, water=valid)
    water = None if grid.water is None else torch.rot90(grid.water, -turns, (-2, -1))
    if turns % 2 == 0:
        return grid.with_(water=water)
    return Grid(
        grid.nx, grid.ny, grid.dx, grid.dy, grid.dt, grid.periodic_x, grid.periodic_y, water
    )


def _flipped(grid: Grid) -> Grid:
    return grid if grid.water is None else grid.with_(water=grid.water.flip(0))
