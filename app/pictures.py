"""A comparison as numbers for the field view: six pictures for each lead.

A packet is: length of the header (uint32, little-endian), the header (JSON, padded with spaces to
whole words), and float32 fields one after the other. NaN is land or unknown.
"""

import json
import math
import struct
from dataclasses import dataclass
from itertools import count

import numpy as np
import torch
from torch import Tensor

from . import catalogue, colours, elements, fields, wording
from .compute import Comparison

ARROWS = 16
"""Arrows along a side, at most."""

GENERATIONS = count(1)
"""Numbers that tell the frames of one picture from those of the next."""


@dataclass(frozen=True)
class Display:
    """How a comparison is shown; see ``AppState``."""

    field: str
    maps: str
    limits: str
    stabilised: bool


class Painter:
    """Packets of one comparison under one display: lead by lead, with limits that stay."""

    def __init__(self, comparison: Comparison, display: Display):
        self.comparison, self.display = comparison, display
        self.generation = next(GENERATIONS)
        scene = comparison.scene
        back = display.stabilised
        self.grid = scene.grid if back else scene.moved_grid
        # Derivatives at a coast or an unknown corner stay local without spectral ones.
        local = {"periodic_y": False, "periodic_x": False} if self.grid.water is not None else {}
        self.derivative_grid = self.grid.with_(**local)
        now = scene.history[-1] if back else scene.window[-1]
        water = torch.ones(self.grid.shape, dtype=torch.bool)
        known = (water if scene.grid.water is None else scene.grid.water) if back else scene.known
        self.input = now, known
        self.limit, self.error_limit = self._steady_limits()
        fastest = fields.extreme(fields.values(now, self.grid, "speed"), known)
        self.fastest = colours.rounded_up(fastest)

    def _truth(self, lead: int) -> tuple[Tensor, Tensor]:
        scene = self.comparison.scene
        if not self.display.stabilised:
            return scene.truth(lead)
        return scene.future[lead - 1], self.input[1]

    def _steady_limits(self) -> tuple[float, float]:
        """Limits from the flow alone: its strength, and its change from frame to frame."""
        now, known = self.input
        later, known_later = self._truth(1)
        both = known & known_later
        scale = fields.extreme(fields.values(now, self.derivative_grid, self.display.field), known)
        change = fields.extreme(
            fields.values(later - now, self.derivative_grid, self.display.field), both
        )
        return colours.rounded_up(scale), colours.rounded_up(change)

    def packet(self, leads: range, captions: dict[int, dict[str, str]]) -> bytes:
        """The frames of some leads, that of lead 1 with the input; captions by lead and picture."""
        frames, blocks, offset = [], [], 0
        for lead in leads:
            shown, limit = self._fields(lead)
            entry = {"lead": lead, "error_limit": limit, "captions": captions.get(lead, {})}
            entry |= {"fields": {}, "arrows": {}}
            for kind, arrays in (("fields", shown), ("arrows", self._arrows(lead))):
                for name, array in arrays.items():
                    blocks.append(array)
                    entry[kind][name] = [offset, *array.shape]  # type: ignore[index]
                    offset += array.size
            frames.append(entry)
        header = json.dumps({**self._header(), "frames": frames}).encode()
        header += b" " * (-len(header) % 4)
        body = b"".join(block.tobytes() for block in blocks)
        return struct.pack("<I", len(header)) + header + body

    def _header(self) -> dict:
        comparison, signed = self.comparison, self.display.field != "speed"
        height, width = self.grid.extent
        return {
            "generation": self.generation,
            **wording.step(comparison.flow.time_unit, comparison.scene.lead_time),
            "steps": comparison.steps,
            "extent": [width, height],
            "length_unit": comparison.flow.length_unit,
            "unit": self._unit(),
            "limit": self.limit,
            "fastest": self.fastest,
            "signed": signed,
            "stabilised": self.display.stabilised,
            "titles": self._titles(),
        }

    def _unit(self) -> str:
        flow = self.comparison.flow
        if self.display.field != "vorticity":
            return flow.velocity_unit
        return f"1 / ({flow.time_unit})" if flow.time_unit else ""

    def _titles(self) -> dict[str, list[str]]:
        """A title and an explanation for each picture."""
        question, back = self.comparison.question, self.display.stabilised
        names = {name for name, _ in question.links}
        word = elements.WORDS[names.pop()] if len(names) == 1 else "transformed"
        a, b = catalogue.model(question.model_a).title, catalogue.model(question.model_b).title
        moved = "as recorded" if back else word
        error = self.display.maps == "error"
        what = (
            "Forecast minus truth; in a speed picture, the length of the error vector."
            if error
            else "f(g w) − g f(w): forecast of the transformed flow minus transformed forecast. "
            "Zero everywhere for an equivariant model."
        )
        kind = "Error" if error else "Broken symmetry"
        forecast = (
            "g⁻¹ f(g w): the flow is transformed, forecast, and the forecast transformed back. "
            "Of an equivariant model it stands still while the slider moves."
            if back
            else "f(g w): the model sees the transformed flow."
        )
        return {
            "input": [f"Now, {moved}", "The last frame that both models see."],
            "truth": [f"Truth, {moved}", "What the flow really did, transformed alike."],
            "a": [f"A · {a}", forecast],
            "b": [f"B · {b}", forecast],
            "error_a": [f"{kind} of A", what],
            "error_b": [f"{kind} of B", what],
        }

    def _fields(self, lead: int) -> tuple[dict[str, np.ndarray], float]:
        field, grid = self.display.field, self.derivative_grid
        truth, known = self._truth(lead)
        shown = {"truth": fields.masked(fields.values(truth, grid, field), known)}
        if lead == 1:
            shown["input"] = fields.masked(fields.values(self.input[0], grid, field), self.input[1])
        for name in ("a", "b"):
            forecast, seen = self._forecast(name, lead)
            shown[name] = fields.masked(fields.values(forecast, grid, field), known & seen)
            difference, counted = self._difference(name, lead)
            shown[f"error_{name}"] = fields.masked(fields.values(difference, grid, field), counted)
        if self.display.limits == "steady":
            return shown, self.error_limit
        errors = np.concatenate([shown["error_a"].ravel(), shown["error_b"].ravel()])
        known_errors = np.abs(errors[np.isfinite(errors)])
        largest = float(np.quantile(known_errors, 0.995)) if known_errors.size else math.nan
        return shown, colours.rounded_up(largest)

    def _forecast(self, name: str, lead: int) -> tuple[Tensor, Tensor]:
        answer = getattr(self.comparison, name)
        if self.display.stabilised:
            return answer.stabilised(lead)
        return answer.forecast(lead), self.comparison.scene.known

    def _difference(self, name: str, lead: int) -> tuple[Tensor, Tensor]:
        """What the error maps show, and where."""
        answer, back = getattr(self.comparison, name), self.display.stabilised
        forecast, seen = self._forecast(name, lead)
        if self.display.maps == "error":
            target, known = self._truth(lead)
        elif back:
            target, known = answer.recorded.up_to(lead)[-1], self.input[1]
        else:
            target, known = answer.expected(lead)
        return forecast - target, known & seen

    def _arrows(self, lead: int) -> dict[str, np.ndarray]:
        """Velocities at every few cells, as (component, y, x)."""
        truth, known = self._truth(lead)
        shown = {"truth": (truth, known)}
        if lead == 1:
            shown["input"] = self.input
        for name in ("a", "b"):
            forecast, seen = self._forecast(name, lead)
            shown[name] = (forecast, known & seen)
        every = max(1, math.ceil(max(self.grid.shape) / ARROWS))
        start = every // 2
        return {
            name: fields.masked(w, mask)[:, start::every, start::every]
            for name, (w, mask) in shown.items()
        }
