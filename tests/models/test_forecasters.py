"""Forecasters: rollout, specifications, budgets, the zoo and names people give."""

import json
import sys

import pytest
import torch
from torch import nn

from symdyn_core.layers import KITS, PlainKit, SteerableKit
from symdyn_core.models import (
    ARCHITECTURES,
    ForecasterSpec,
    Persistence,
    ResNet,
    UNet,
    open_forecaster,
    parameter_count,
    rollout,
    zoo,
)
from symdyn_core.models.resnet import PAPER_MULTIPLIERS


class Sum(nn.Module):
    """The sum of two frames: its rollout is the Fibonacci series."""

    past = 2

    def forward(self, window):
        return window[:, 0] + window[:, 1]


def small_spec(kit=None, **changes):
    values = {"past": 3, "width": 2, "multipliers": (1, 1)} | changes
    return ForecasterSpec(ResNet, kit or PlainKit(), **values)


def test_rollout_feeds_forecasts_back():
    window = torch.ones(1, 3, 2, 4, 4)
    forecasts = rollout(Sum(), window, 5)
    assert forecasts[0, :, 0, 0, 0].tolist() == [2, 3, 5, 8, 13]
    assert torch.equal(rollout(Persistence(2), window, 3), window[:, -1:].expand(1, 3, 2, 4, 4))


def test_detached_rollout_cuts_the_gradient_between_steps():
    w = torch.ones(1, 2, 2, 4, 4, requires_grad=True)
    (whole,) = torch.autograd.grad(rollout(Sum(), w, 3)[:, -1].sum(), w)
    (cut,) = torch.autograd.grad(rollout(Sum(), w, 3, detach=True)[:, -1].sum(), w)
    assert whole.any() and not cut.any()


def test_rollout_refuses_too_short_windows():
    with pytest.raises(ValueError, match="needs 2 past frames, got 1"):
        rollout(Sum(), torch.ones(1, 1, 2, 4, 4), 2)
    with pytest.raises(ValueError, match="at least one step"):
        rollout(Sum(), torch.ones(1, 2, 2, 4, 4), 0)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
@pytest.mark.parametrize("kit", KITS, ids=lambda k: k.__name__)
def test_widths_meet_the_parameter_budget(architecture, kit):
    spec = ForecasterSpec(architecture, kit(), 8, 1, (1, 2, 2)).fitted_to(500_000)
    assert abs(parameter_count(spec.build()) / 500_000 - 1) <= 0.05


def test_a_budget_out_of_reach_is_refused():
    with pytest.raises(ValueError, match="Choose a larger budget"):
        small_spec(SteerableKit()).fitted_to(1200)


def test_the_papers_resnet_has_the_papers_size():
    # 11.0 M in the paper; its released code adds a projection to every width-changing block.
    spec = ForecasterSpec(ResNet, PlainKit(), 24, 64, PAPER_MULTIPLIERS)
    assert 10.5e6 < parameter_count(spec.build()) < 12.6e6


@pytest.mark.parametrize("kit", KITS, ids=lambda k: k.__name__)
def test_specifications_survive_json(kit):
    spec = small_spec(kit(periodic=(True, False)), scale=0.3, predicts="velocity")
    again = ForecasterSpec.from_json(json.loads(json.dumps(spec.to_json())))
    assert again == spec
    first, second = spec.build(seed=5).state_dict(), again.build(seed=5).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)
    other = spec.build(seed=6).state_dict()
    assert not all(torch.equal(first[key], other[key]) for key in first)


def test_unknown_specifications_are_refused():
    values = small_spec().to_json()
    with pytest.raises(
        ValueError, match="Unknown architecture 'Transformer'; known are ResNet, UNet"
    ):
        ForecasterSpec.from_json(values | {"architecture": "Transformer"})
    with pytest.raises(ValueError, match="Unknown kit 'lorentz'"):
        ForecasterSpec.from_json(values | {"kit": {"name": "lorentz", "periodic": [False, False]}})
    del values["past"]
    with pytest.raises(ValueError, match=r"Not the specification .*: 'past' is missing"):
        ForecasterSpec.from_json(values)


@pytest.mark.parametrize(
    "entry",
    [
        {"past": 0},
        {"width": -1},
        {"multipliers": []},
        {"multipliers": [0, 1]},
        {"scale": float("inf")},
    ],
    ids=str,
)
def test_impossible_specifications_are_refused_before_anything_is_built(entry):
    values = json.loads(json.dumps(small_spec().to_json() | entry))
    with pytest.raises(ValueError, match=f"A specification's {next(iter(entry))} must be .*, got"):
        ForecasterSpec.from_json(values)


def test_a_unet_takes_sides_of_any_length():
    forecaster = ForecasterSpec(UNet, PlainKit(), 2, 2, (1, 1, 1)).build()
    for y, x in ((10, 12), (9, 7), (5, 1)):
        assert forecaster(torch.zeros(1, 2, 2, y, x)).shape == (1, 2, y, x)


def test_the_unit_of_velocity_cancels():
    """f_U(U w) = U f_1(w): the network itself sees dimensionless flow."""
    window = torch.randn(2, 3, 2, 8, 8)
    one = small_spec().build()
    other = small_spec(scale=2.5).build()
    assert torch.allclose(other(2.5 * window), 2.5 * one(window), atol=1e-5)
    for parameter in one.parameters():
        parameter.data.add_(0.2)  # biases, without which a leaky network is homogeneous
    assert not torch.allclose(one(2.5 * window), 2.5 * one(window), atol=1e-2)


def test_zoo_round_trip(tmp_path):
    spec = small_spec(SteerableKit(), scale=0.4)
    forecaster = spec.build(seed=2).eval()
    zoo.save_model("rbc-resnet-rotation", forecaster, spec, {"seed": 2}, tmp_path)
    assert zoo.names(tmp_path) == ["rbc-resnet-rotation"]
    again = zoo.load("rbc-resnet-rotation", folder=tmp_path)
    window = torch.randn(1, 3, 2, 8, 8)
    with torch.no_grad():
        assert torch.equal(again(window), forecaster(window))
        rescaled = zoo.load("rbc-resnet-rotation", scale=0.8, folder=tmp_path)
        assert torch.allclose(rescaled(2 * window), 2 * forecaster(window), atol=1e-5)
    assert zoo.card("rbc-resnet-rotation", tmp_path)["seed"] == 2
    assert not list(tmp_path.glob(".*")), "no temporary file is left"


def test_zoo_refuses_what_does_not_fit(tmp_path):
    spec = small_spec()
    zoo.save_model("a", spec.build(), spec, {}, tmp_path)
    with pytest.raises(ValueError, match="Unknown model 'b'; the zoo holds a"):
        zoo.load("b", folder=tmp_path)
    wide = small_spec(width=3)
    zoo.save_model("b", wide.build(), spec, {}, tmp_path)
    with pytest.raises(ValueError, match=r"b.safetensors does not fit.*should have shape"):
        zoo.load("b", folder=tmp_path)
    broken = spec.build()
    next(broken.parameters()).data[0] = float("nan")
    zoo.save_model("c", broken, spec, {}, tmp_path)
    with pytest.raises(ValueError, match=r"c.safetensors holds numbers that are not finite"):
        zoo.load("c", folder=tmp_path)
    (tmp_path / "a.safetensors").write_bytes(b"not weights")
    with pytest.raises(ValueError, match="not a safetensors file"):
        zoo.load("a", folder=tmp_path)


@pytest.fixture
def user_module(tmp_path, monkeypatch):
    """A module as a user might have it in the current folder."""
    (tmp_path / "my_models.py").write_text(
        "import torch\n"
        "class Last(torch.nn.Module):\n"
        "    past = 3\n"
        "    def forward(self, w):\n"
        "        return w[:, -1]\n"
        "def make():\n"
        "    return Last()\n"
        "def bare(w):\n"
        "    return w[:, -1]\n"
        "def wrong(w):\n"
        "    return w\n"
        "def array(w):\n"
        "    return w[:, -1].numpy()\n"
        "class NoFrames(Last):\n"
        "    past = 0\n"
        "class HalfAFrame(Last):\n"
        "    past = 2.5\n"
        "class Leaves(Last):\n"
        "    def __init__(self):\n"
        "        raise SystemExit(3)\n"
        "number = 3\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "my_models", None)  # whoever had one of that name has it back
    del sys.modules["my_models"]


def test_a_users_model_is_found(user_module):
    window = torch.randn(1, 3, 2, 4, 4)
    for name in ("my_models:Last", "my_models:make"):
        forecaster = open_forecaster(name)
        assert forecaster.past == 3 and torch.equal(forecaster(window), window[:, -1])
    assert open_forecaster("my_models:bare", past=2).past == 2


@pytest.mark.parametrize(
    "name, message",
    [
        ("my_models:bare", "give it an attribute `past`"),
        ("my_models:missing", "Cannot import"),
        ("no_such_module:x", "Cannot import"),
        ("my_models:number", "not a callable"),
        ("my_models:NoFrames", "at least 1, got past=0"),
        ("my_models:HalfAFrame", r"a whole number of past frames.* got past=2\.5"),
        ("my_models:Leaves", "cannot be made without arguments: SystemExit"),
        ("no-such-model", "Unknown model"),
    ],
)
def test_other_names_are_refused_with_a_reason(user_module, name, message):
    with pytest.raises(ValueError, match=message):
        open_forecaster(name)


def test_a_users_output_of_the_wrong_shape_is_refused(user_module):
    forecaster = open_forecaster("my_models:wrong", past=3)
    with pytest.raises(ValueError, match=r"tensor \(1, 2, 4, 4\), got \(1, 3, 2, 4, 4\)"):
        forecaster(torch.randn(1, 3, 2, 4, 4))
    with pytest.raises(ValueError, match=r"expected a tensor \(1, 2, 4, 4\), got ndarray"):
        open_forecaster("my_models:array", past=3)(torch.randn(1, 3, 2, 4, 4))


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe\x80"], ids=["cut", "empty", "no text"])
def test_a_damaged_run_is_refused_with_its_path(tmp_path, content):
    (tmp_path / "specification.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"specification.json is damaged"):
        open_forecaster(str(tmp_path))


def test_a_damaged_card_or_another_file_of_weights_is_refused(tmp_path):
    spec = small_spec()
    for name, seed in (("a", 1), ("b", 2)):
        zoo.save_model(name, spec.build(seed=seed), spec, {}, tmp_path)
    zoo.load("a", folder=tmp_path)
    weights = (tmp_path / "b.safetensors").read_bytes()
    (tmp_path / "a.safetensors").write_bytes(weights)
    with pytest.raises(ValueError, match="not the file that its card describes"):
        zoo.load("a", folder=tmp_path)
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(ValueError, match="The card of 'b' lacks name, specification"):
        zoo.load("b", folder=tmp_path)
