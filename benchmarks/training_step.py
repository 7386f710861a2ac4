"""Which precision and memory layout trains fastest here, for networks of the zoo's size.

Ratios to float32 of the same network, and of each network to the plain one, of whole updates with a
rollout and Adam. Writes ``benchmarks/results/training_step-cpu.json``.

    python benchmarks/training_step.py [--rounds 5] [--batch 8] [--steps 3]
"""

import argparse
from collections.abc import Callable

import torch
from lightning.fabric import Fabric

from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.kits import PLAIN, measured_kits
from symdyn_core.benchmarking.reports import default_path, report, write_report
from symdyn_core.benchmarking.rows import timed_row
from symdyn_core.benchmarking.timing import compare
from symdyn_core.experiments.budgets import SMALL
from symdyn_core.layers import LayerKit
from symdyn_core.training import Settings
from symdyn_core.training.devices import make_channels_last
from symdyn_core.training.objective import RolloutLoss, Sample

KITS = (PLAIN, "uniform_motion", "magnitude", "rotation C_8")
REFERENCE = "float32"
MODES = {
    REFERENCE: ("32-true", False),
    "float32, channels last": ("32-true", True),
    "bfloat16": ("bf16-mixed", False),
    "bfloat16, channels last": ("bf16-mixed", True),
}
CELLS = 64


def update(kit: LayerKit, mode: str, batch: int, steps: int) -> Callable[[], None]:
    """One update of the zoo's ResNet over a kit."""
    precision, channels_last = MODES[mode]
    forecaster = SMALL.specification(kit).build()
    if channels_last:
        make_channels_last(forecaster)
    fabric = Fabric(accelerator="cpu", devices=1, precision=precision)
    loss, optimiser = fabric.setup(
        RolloutLoss(forecaster, Settings(rollout_steps=steps)),
        torch.optim.Adam(forecaster.parameters(), 1e-3),
    )
    window = torch.randn(batch, SMALL.past, 2, CELLS, CELLS)
    truth = torch.randn(batch, steps, 2, CELLS, CELLS)

    def work() -> None:
        optimiser.zero_grad()
        fabric.backward(loss(Sample(window, truth, None)))
        optimiser.step()

    return work


def main() -> None:
    """Time all networks in all modes, print the ratios and write them down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=3)
    options = parser.parse_args()
    conditions = Conditions(rounds=options.rounds)
    kits, rows = measured_kits(kernel_size=3), []
    with conditions.threaded():
        for mode in MODES:
            plain = update(kits[PLAIN], mode, options.batch, options.steps)
            for what in KITS:
                work = update(kits[what], mode, options.batch, options.steps)
                same = update(kits[what], REFERENCE, options.batch, options.steps)
                for baseline, other in ((PLAIN, plain), (REFERENCE, same)):
                    found = compare(work, other, conditions.stopwatch(), options.rounds)
                    rows.append(timed_row("training_step", what, mode, baseline, found))
                    print(
                        f"{what:16} {mode:24} {found.seconds:7.3f} s  {found.ratio:5.2f} of "
                        f"{baseline} ({found.ratio_min:.2f} to {found.ratio_max:.2f})"
                    )
    write_report(default_path("training_step", conditions), report(rows, conditions, []))


if __name__ == "__main__":
    main()
