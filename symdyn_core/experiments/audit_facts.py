"""What is audited, in a few facts: the model's card and the flow's labels."""

import json
from pathlib import Path
from typing import Any

import xarray as xr
from torch import nn

from symdyn_core.datasets import schema
from symdyn_core.models import Forecaster, parameter_count, zoo
from symdyn_core.models.opening import SPECIFICATION

Facts = dict[str, str | int | float]


def model_facts(model: str, forecaster: Forecaster) -> Facts:
    """Name -> value for people: architecture, size, and for trained models data, seed and error."""
    facts: Facts = {}
    if model in zoo.names():
        facts |= _card_facts(zoo.card(model))
    elif (Path(model) / SPECIFICATION).is_file():
        facts |= _specification_facts(json.loads((Path(model) / SPECIFICATION).read_text()))
    else:
        inner = getattr(forecaster, "function", forecaster)
        facts["class"] = getattr(inner, "__qualname__", type(inner).__qualname__)
    facts["past frames"] = forecaster.past
    if isinstance(forecaster, nn.Module):
        facts["parameters"] = parameter_count(forecaster)
    return facts


def _card_facts(card: dict) -> Facts:
    facts = _specification_facts(card["specification"])
    training, original = card.get("training", {}), card.get("metrics", {}).get("original", {})
    known: dict[str, Any] = {
        "trained on": card.get("dataset", {}).get("title"),
        "seed": training.get("seed"),
        "updates": training.get("updates"),
        "RMSE of 10 steps": original.get("rmse"),
        "RMSE of persistence": original.get("persistence_rmse"),
    }
    return facts | {name: value for name, value in known.items() if value is not None}


def _specification_facts(specification: dict) -> Facts:
    kit = specification.get("kit", {})
    hidden = {"name", "periodic", "kernel_size"}
    listed = ", ".join(f"{name} {value}" for name, value in kit.items() if name not in hidden)
    facts: Facts = {
        "architecture": str(specification.get("architecture", "?")),
        "kit": f"{kit.get('name', '?')}{f' ({listed})' if listed else ''}",
        "predicts": str(specification.get("predicts", "?")),
    }
    wrappers = specification.get("wrappers")
    if wrappers:
        names = [w.get("name", "?") if isinstance(w, dict) else str(w) for w in wrappers]
        facts["wrappers"] = ", ".join(names)
    return facts


def data_facts(flow: xr.Dataset, rms: float) -> Facts:
    """Name -> value for people: title, size, spacing, strength."""
    grid = schema.grid_of(flow)
    along = [name for name, repeats in (("x", grid.periodic_x), ("y", grid.periodic_y)) if repeats]
    return {
        "title": str(flow.attrs.get("title", "untitled")),
        "members": schema.members_of(flow),
        "frames": flow.sizes["time"],
        "grid": f"{grid.ny} x {grid.nx}",
        "dx, dy, dt": f"{grid.dx:g}, {grid.dy:g}, {grid.dt:g}",
        "periodic along": ", ".join(along) or "no axis",
        "root mean square": float(f"{rms:.6g}"),
    }
