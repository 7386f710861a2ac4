"""What an audit measured, as tables for other programs."""

import csv
import io
from collections.abc import Mapping

from . import elements
from .audits import Curve, Inside

CURVES = (
    *("model", "symmetry", "parameter_1", "parameter_2", "error_median", "error_median_low"),
    *("error_median_high", "error_max", "windows", "compared_share", "interpolation_floor"),
    *("worst_member", "worst_frame"),
)
LAYERS = (
    *("model", "measure", "symmetry", "layer", "kind", "error_median", "error_away_from_edges"),
    *("transforms_as", "windows"),
)


def curves_table(curves: Mapping[str, Curve]) -> str:
    """CSV: one line for each model and element; parameters are in the units of the symmetry."""
    lines = []
    for model, curve in curves.items():
        for row, floor in zip(curve.rows, curve.floor, strict=True):
            first, second = (*elements.as_tuple(row.element), "")[:2]
            lines.append(
                (model, row.symmetry, first, second, row.error_median, row.error_median_low,
                 row.error_median_high, row.error_max, row.samples, row.valid_share, floor,
                 *(row.worst or ("", "")))
            )  # fmt: skip
    return _written(CURVES, lines)


def layers_table(model: str, inside: Inside) -> str:
    """CSV: equivariance errors of all layers, then their Lie derivatives."""
    lines = [
        (model, "equivariance error", row.symmetry, row.layer, row.kind, row.error_median, "",
         row.representation, row.samples)
        for row in inside.layers
    ]  # fmt: skip
    lines += [
        (model, "Lie derivative", row.parameter, row.layer, row.kind, row.lie_median,
         row.interior_median, "", row.samples)
        for row in inside.layer_lie
    ]  # fmt: skip
    return _written(LAYERS, lines)


def _written(names: tuple[str, ...], lines: list[tuple]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(lines)
    return text.getvalue()
