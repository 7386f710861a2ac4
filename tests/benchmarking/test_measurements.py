"""Every kit is measured, beside a fair baseline, against its target."""

import pytest
import torch

from symdyn_core.benchmarking import models
from symdyn_core.benchmarking.conditions import MODES, Conditions
from symdyn_core.benchmarking.kits import PLAIN, measured_kits, plain_like, width
from symdyn_core.benchmarking.layers import LEVELS, LayerBench
from symdyn_core.benchmarking.peer_layers import COMPARED
from symdyn_core.benchmarking.rows import TARGETS, row
from symdyn_core.benchmarking.running import Measurement, chosen
from symdyn_core.experiments.budgets import Size
from symdyn_core.layers import KITS

QUICK = Conditions(rounds=1)


def test_every_kit_is_measured_against_the_plain_one_of_equal_width():
    kits = measured_kits(5)
    assert {type(kit) for kit in kits.values()} == set(KITS)
    assert all(kit.kernel_size == 5 for kit in kits.values())
    x = torch.randn(1, 16, 8, 8)
    for kit in kits.values():
        fields = width(kit, 16)
        for part in ("convolve", "residual"):
            block, plain = (
                getattr(kit, part)(fields, fields),
                getattr(plain_like(kit), part)(16, 16),
            )
            assert block(x).shape == plain(x).shape
    with pytest.raises(ValueError, match="do not fill 20"):
        LayerBench(QUICK).measurements(channels=(20,))


def test_targets_are_for_what_is_measured():
    known = {*measured_kits(3), f"scaling {LEVELS} levels"}
    assert {what for _, what, _ in TARGETS} <= known
    assert {mode for _, _, mode in TARGETS} <= {*MODES, "memory"}
    assert set(COMPARED) <= known


def test_a_target_is_met_or_missed():
    assert row("layers", "magnitude", "eval", PLAIN, 1.2)["met"] is True
    assert row("layers", "magnitude", "eval", PLAIN, 1.3)["met"] is False
    assert row("layers", "magnitude", "eval", "e2cnn C_8", 1.3)["met"] is None
    assert row("models", "any", "build", PLAIN, 9.0, target=1.0, judged=0.5)["met"] is True


def test_measurements_are_chosen_by_whole_words():
    names = ("magnitude", "magnitude per component", "magnitudes")
    measurements = [Measurement(name, "", list) for name in names]
    assert [m.what for m in chosen(measurements, "magnitude")] == list(names[:2])
    assert chosen(measurements, None) == measurements
    with pytest.raises(ValueError, match="magnitude per component"):
        chosen(measurements, "rotation")


def test_the_levels_of_scale_have_a_fair_baseline():
    rows = LayerBench(QUICK, batch=1, cells=16).level_rows(16)
    modes = {row["mode"]: row for row in rows}
    assert {*MODES, "memory", "kernel_build"} == set(modes)
    assert modes["eval"]["target"] == 1.1 and modes["eval"]["baseline"] == "the sum of its levels"


def test_networks_and_their_build():
    size = models.NetworkSize(past=2, channels=16, blocks=(1,), levels=(1, 2))
    kit = measured_kits(3)["rotation C_8"]
    rows = models.ModelBench(QUICK, size, cells=16).cost_rows("rotation C_8", kit, "UNet")
    assert {row["mode"]: row["target"] for row in rows}["eval"] == 1.15
    build, fit = models.build_rows("rotation C_8", kit, "UNet", Size(100_000, (1, 2)))
    assert build["target"] == 1.0 and build["met"] == (build["seconds"] <= 1.0)
    assert fit["seconds"] > 0 and build["ratio"] > 0
