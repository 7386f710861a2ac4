"""Where a network loses translations: the Lie derivative of every layer by itself.

Be h the input of a layer N and X = -d/dx (or -d/dy) the generator of shifts of its pixels. Then

    L_X N(h) = D N(h) [X h] - X N(h)

is what this layer alone adds; it is given relative to || X N(h) ||. All layers are measured in one
forward-mode pass: whenever features enter or leave a module, their derivative is compared with X h
and then replaced by it, so that nothing accumulates. What happens between modules, sums, means or
concatenations written as functions, is found as the derivative that arrives at the next module.

Convolutions on a periodic grid contribute nothing; activations and coarsenings contribute aliasing,
padding its edge. Rows tell the whole feature map from its interior, an eighth of the side (or four
cells) away from open edges. Only shifts act alike on the features of every network; turns act on
the features of a steerable network through a finite group, which has no generator: for them there
is the Lie derivative of the whole forecaster, and EE layer by layer for quarter turns. Wrappers may
turn what they show to the network inside, so what they do themselves is not measured here.
Source: Gruver et al. (2023), layer-wise decomposition.
"""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd import forward_ad

from symdyn_core import operators
from symdyn_core.equivariance.features import layer_name
from symdyn_core.equivariance.lie_derivative import forward_mode
from symdyn_core.equivariance.samples import SampleGroup
from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.models.wrappers import Wrapper

SMALLEST_LINE = 5
"""Cells along an axis that a derivative needs."""

ROUNDING = 1e3
"""Contributions below this many machine precisions are rounding."""


@dataclass(frozen=True)
class LayerLieRow:
    """What one layer adds to the Lie derivative along a shift.

    Attributes:
        parameter: eastward or northward shift.
        layer: path of the module; ``before PATH`` for functions that feed it.
        kind: class of the module, or "function".
        order: place in the order of execution, from 0.
        lie_median: relative to the derivative of the features, median over windows.
        interior_median: the same away from open edges.
        samples: number of windows.
    """

    symmetry: str
    parameter: str
    layer: str
    kind: str
    order: int
    lie_median: float
    interior_median: float
    samples: int

    def to_json(self) -> dict:
        """Plain values."""
        return dict(self.__dict__)


def layer_lie_derivatives(
    forecaster: Forecaster,
    groups: Sequence[SampleGroup],
    progress: Callable[[int, int], None] | None = None,
) -> list[LayerLieRow]:
    """Contributions of all layers to the loss of eastward and northward shifts.

    Modules with parts of their own, and functions between modules, have a row only if they
    contribute more than rounding.

    Raises:
        NoForwardMode: an operation of the forecaster has no forward-mode derivative.
    """
    if not isinstance(forecaster, nn.Module):
        return []
    rows: list[LayerLieRow] = []
    windows = [(group, n) for group in groups for n in range(len(group.window))]
    for axis, parameter in (("x", "eastward shift"), ("y", "northward shift")):
        tallies: dict[str, _Tally] = {}
        for done, (group, n) in enumerate(windows):
            window = group.window[n : n + 1, group.window.shape[1] - forecaster.past :]
            _Pass(forecaster, group.grid, axis, tallies).run(window)
            if progress is not None:
                progress(done + 1 + len(windows) * (axis == "y"), 2 * len(windows))
        rounding = ROUNDING * torch.finfo(groups[0].window.dtype).eps
        kept = [tally for tally in tallies.values() if tally.leaf or tally.median() > rounding]
        rows += [tally.row(parameter, order) for order, tally in enumerate(kept)]
    return rows


@dataclass
class _Tally:
    """Contributions of one layer, window by window."""

    layer: str
    kind: str
    leaf: bool
    whole: list[float] = field(default_factory=list)
    interior: list[float] = field(default_factory=list)

    def median(self) -> float:
        return float(torch.tensor(self.whole, dtype=torch.float64).quantile(0.5))

    def row(self, parameter: str, order: int) -> LayerLieRow:
        interior = torch.tensor(self.interior, dtype=torch.float64).quantile(0.5)
        return LayerLieRow(
            symmetry="translation",
            parameter=parameter,
            layer=self.layer,
            kind=self.kind,
            order=order,
            lie_median=self.median(),
            interior_median=float(interior),
            samples=len(self.whole),
        )


class _Pass:
    """One window through a network, with the derivative of all features along a shift."""

    def __init__(self, forecaster: nn.Module, grid: Grid, axis: str, tallies: dict[str, _Tally]):
        self.forecaster, self.grid, self.axis, self.tallies = forecaster, grid, axis, tallies
        self.calls: dict[str, int] = {}

    def run(self, window: Float[Tensor, "1 past component y x"]) -> None:
        with forward_mode(), forward_ad.dual_level(), self._watched():
            self.forecaster(forward_ad.make_dual(window, self.generator(window)))

    def generator(self, h: Float[Tensor, "*lead y x"]) -> Tensor:
        """X h, in cells of the input, whatever the resolution of the features."""
        return -operators.derivative(h, self._grid_of(h), self.axis)

    def _grid_of(self, h: Tensor) -> Grid:
        spacing, periodic = [], []
        for size, own, repeats in (
            (self.grid.ny, h.shape[-2], self.grid.periodic_y),
            (self.grid.nx, h.shape[-1], self.grid.periodic_x),
        ):
            coarser = max(1, round(size / own)) if own <= size else 1 / max(1, round(own / size))
            spacing.append(float(coarser))
            # Padded features stand out over the box and do not repeat.
            periodic.append(repeats and own * coarser == size and self.grid.water is None)
        return Grid(
            h.shape[-2], h.shape[-1], spacing[0], spacing[1],
            periodic_y=periodic[0], periodic_x=periodic[1],
        )  # fmt: skip

    @contextmanager
    def _watched(self):
        handles = []
        wrappers = [m for m in self.forecaster.modules() if isinstance(m, Wrapper)]
        wrapped = {id(wrapper.forecaster) for wrapper in wrappers}
        for path, module in self.forecaster.named_modules():
            if isinstance(module, nn.Identity | Wrapper):
                continue
            measured = id(module) not in wrapped
            handles.append(module.register_forward_pre_hook(self._before(path, measured)))
            handles.append(module.register_forward_hook(self._after(path)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _before(self, path: str, measured: bool):
        name = f"before {layer_name(path)}" if measured else None

        def hook(module: nn.Module, arguments: tuple) -> tuple:
            return tuple(self._renewed(a, name, "function", False) for a in arguments)

        return hook

    def _after(self, path: str):
        def hook(module: nn.Module, arguments: tuple, output: object) -> object:
            self.calls[path] = self.calls.get(path, 0) + 1
            number = f"#{self.calls[path]}" if self.calls[path] > 1 else ""
            leaf = next(module.children(), None) is None
            kind = type(module).__name__
            return self._renewed(output, layer_name(path) + number, kind, leaf)

        return hook

    def _renewed(self, value: object, layer: str | None, kind: str, leaf: bool) -> object:
        """A feature map with X h as its derivative; the difference is noted, if for a layer."""
        if not isinstance(value, Tensor) or value.ndim < 4 or not value.is_floating_point():
            return value
        h, tangent = forward_ad.unpack_dual(value)
        if min(h.shape[-2:]) < SMALLEST_LINE:
            return value
        expected = self.generator(h)
        if layer is None:
            return forward_ad.make_dual(h, expected)
        arrived = torch.zeros_like(expected) if tangent is None else tangent
        tally = self.tallies.setdefault(layer, _Tally(layer, kind, leaf))
        inside = _interior(h, self._grid_of(h))
        defect = arrived - expected
        tally.whole.append(_relative(defect, expected))
        tally.interior.append(_relative(defect[inside], expected[inside]))
        return forward_ad.make_dual(h, expected)


def _interior(h: Tensor, grid: Grid) -> tuple:
    """The part of a feature map farther than an eighth of its side from open edges."""
    axes = zip(h.shape[-2:], (grid.periodic_y, grid.periodic_x), strict=True)
    edges = [(0 if periodic else _margin(size), size) for size, periodic in axes]
    return (..., *(slice(edge, size - edge) for edge, size in edges))


def _margin(size: int) -> int:
    """An eighth, but more than the one-sided differences and a kernel at the edge reach."""
    return max(size // 8, min(4, (size - 1) // 3))


def _relative(defect: Tensor, expected: Tensor) -> float:
    norm, size = defect.double().norm(), expected.double().norm()
    return 0.0 if norm == 0 else (norm / size).item()
