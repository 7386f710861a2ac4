"""EE layer by layer: how far the hidden features of a network are from equivariant, and where a
symmetry is lost.

Two numbers are given for the features h of every layer, both relative to the size of h(g w):

    error       min over rho of || h(g w) - rho(g) h(w) ||, rho a representation that the layers
                of this package use (``representations``); its name stands beside it
    fitted      the same for the best affine map of channels rho^, fitted by ridge regression from
                h(w), pixels moved, to h(g w), on half of the windows and measured on the other

The forecast itself is a velocity, and only as such it counts. A layer of unknown make that carries
the symmetry in a representation of its own has a large error and a small fitted one. A fit that
succeeds says that the transformed features follow from the untransformed ones linearly, which is
necessary for equivariance and not sufficient: a first layer with more channels than its inputs have
degrees of freedom always passes. Errors accumulate from layer to layer; what matters is where they
begin.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import nan

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from symdyn_core.equivariance.error import region_norm
from symdyn_core.equivariance.features import FORECAST, Feature, recorded
from symdyn_core.equivariance.fitted import fitted_residual
from symdyn_core.equivariance.representations import (
    moved_pixels,
    of_velocity,
    planar_groups,
    probe,
    representations,
    velocity_units,
)
from symdyn_core.equivariance.samples import SampleGroup
from symdyn_core.grid import Element
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.scored_region import scored_region
from symdyn_core.symmetries import Symmetry

KEPT_PIXELS = 512
"""Pixels of a window from which representations are fitted."""

KEEPS = {torch.float32: 1e-4, torch.float64: 1e-9}
"""Error below which a layer keeps a symmetry."""

KEEPS_FITTED = 1e-3
"""The same for a fitted representation."""


@dataclass(frozen=True)
class LayerRow:
    """Equivariance of one layer's features under one element.

    Attributes:
        layer: path of the module; ``#2`` behind it at its second call.
        kind: class of the module.
        order: place in the order of execution, from 0.
        channels: of the features.
        representation: the one with the smallest error.
        error_median: median over windows with that representation.
        pixels_median: the same if channels are left as they are.
        fitted: residual of the fitted representation on held-out windows; NaN for one window, and
            for the forecast.
        samples: number of windows.
    """

    symmetry: str
    element: Element
    layer: str
    kind: str
    order: int
    channels: int
    representation: str
    error_median: float
    pixels_median: float
    fitted: float
    samples: int

    def keeps(self, dtype: torch.dtype) -> bool:
        """Whether the layer carries the symmetry, in a known or in a fitted representation."""
        return self.error_median <= KEEPS[dtype] or self.fitted <= KEEPS_FITTED

    def to_json(self) -> dict:
        """Plain values; elements of several numbers become lists."""
        element = list(self.element) if isinstance(self.element, tuple) else self.element
        return {**self.__dict__, "element": element}


def layer_errors(
    forecaster: Forecaster,
    groups: Sequence[SampleGroup],
    symmetries: Sequence[Symmetry],
    progress: Callable[[int, int], None] | None = None,
) -> list[LayerRow]:
    """EE of the features of every layer, in the order of execution, symmetry by symmetry.

    Symmetries that features cannot follow (boosts, scalings) have no rows, and neither has a
    forecaster that is no torch module.

    Args:
        groups: windows; one at a time goes through the network, so that large ones fit in memory.
        progress: called with (done, total).
    """
    chosen = [(s, element) for s in symmetries if (element := probe(s)) is not None]
    if not isinstance(forecaster, nn.Module):
        return []
    tallies: dict[str, dict[str, _Tally]] = {symmetry.name: {} for symmetry, _ in chosen}
    windows = [(group, n) for group in groups for n in range(len(group.window))]
    for done, (group, n) in enumerate(windows):
        window = group.window[n : n + 1, group.window.shape[1] - forecaster.past :]
        features = recorded(forecaster, window)
        for symmetry, element in chosen:
            _measure(forecaster, symmetry, element, window, group.grid, features, tallies)
        if progress is not None:
            progress(done + 1, len(windows))
    return [
        tally.row(symmetry, element, order)
        for symmetry, element in chosen
        for order, tally in enumerate(tallies[symmetry.name].values())
    ]


def lost_at(rows: Sequence[LayerRow], dtype: torch.dtype) -> dict[str, str | None]:
    """The first layer that does not carry a symmetry, by symmetry.

    None where all do, or where the forecast does: what a network lost, a wrapper may restore.
    """
    lost: dict[str, str | None] = {row.symmetry: None for row in rows}
    kept = {row.symmetry for row in rows if row.layer == FORECAST and row.keeps(dtype)}
    for row in rows:
        if row.symmetry not in kept and lost[row.symmetry] is None and not row.keeps(dtype):
            lost[row.symmetry] = row.layer
    return lost


def _measure(forecaster, symmetry, element, window, grid, features, tallies) -> None:
    """Add one window and its transform to the tallies of all layers."""
    transformed, valid = symmetry.act_on_field(element, window, grid)
    region = scored_region(
        forecaster,
        valid.all(dim=0)[0],
        grid,
        symmetry.act_on_grid(element, grid),
        exact=symmetry.is_exact(element, grid),
    )
    moved = {feature.layer: feature for feature in recorded(forecaster, transformed)}
    known = tallies[symmetry.name]
    groups, units = planar_groups(forecaster), velocity_units(forecaster)
    for feature in features:
        h = moved_pixels(symmetry, element, feature.h, grid)
        answer = moved.get(feature.layer)
        if h is None or answer is None or answer.h.shape != h.shape:
            continue
        inside = coarse_region(region, h.shape[-2], h.shape[-1])
        if not inside.any():
            continue
        ways = representations(symmetry, element, h.shape[1], groups, units)
        if feature.layer == FORECAST:
            ways = [of_velocity(symmetry, element)]
        tally = known.setdefault(
            feature.layer, _Tally(feature, [representation.name for representation in ways])
        )
        tally.add([way.act(h) for way in ways], answer.h, inside)


@dataclass
class _Tally:
    """Errors of one layer in every representation, and pixels to fit another one from."""

    feature: Feature
    names: list[str]
    errors: list[list[float]] = field(default_factory=list)
    pixels: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    def add(self, expected: list[Tensor], h: Tensor, region: Tensor) -> None:
        # Inside a mean over a group a window is a batch.
        size = region_norm(h, region).norm()
        defects = [region_norm(h - one, region).norm() for one in expected]
        self.errors.append(
            [torch.where(defect == 0, 0.0, defect / size).item() for defect in defects]
        )
        cells = region.flatten().nonzero()[:, 0]
        cells = cells[torch.linspace(0, len(cells) - 1, min(KEPT_PIXELS, len(cells))).long()]
        self.pixels.append((_at(expected[0], cells), _at(h, cells)))

    def row(self, symmetry: Symmetry, element: Element, order: int) -> LayerRow:
        medians = torch.tensor(self.errors, dtype=torch.float64).quantile(0.5, dim=0)
        best = int(medians.argmin())
        return LayerRow(
            symmetry=symmetry.name,
            element=element,
            layer=self.feature.layer,
            kind=self.feature.kind,
            order=order,
            channels=self.feature.h.shape[1],
            representation=self.names[best],
            error_median=medians[best].item(),
            pixels_median=medians[0].item(),
            fitted=nan if self.feature.layer == FORECAST else fitted_residual(self.pixels),
            samples=len(self.errors),
        )


def _at(h: Float[Tensor, "batch channel y x"], cells: Tensor) -> Float[Tensor, "cell channel"]:
    return h.flatten(2)[0, :, cells].T.double().cpu()


def coarse_region(region: Bool[Tensor, "y x"], ny: int, nx: int) -> Bool[Tensor, "new_y new_x"]:
    """Cells of another resolution that lie wholly in a region."""
    if region.shape == (ny, nx):
        return region
    outside = (~region).double()[None, None]
    return nn.functional.adaptive_max_pool2d(outside, (ny, nx))[0, 0] == 0
