"""Which precision and memory layout trains fastest here, for each model of the zoo.

One process, alternating, medians after a warm-up; ratios to float32 of the same model, and of each
model to the plain one. Writes ``benchmarks/results/training_step.json``.

    python benchmarks/training_step.py [--rounds 5] [--batch 8] [--steps 3]
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import torch
from lightning.fabric import Fabric

from symdyn_core.experiments.budgets import SMALL
from symdyn_core.experiments.machine import hardware
from symdyn_core.experiments.rbc_zoo import members
from symdyn_core.models.forecaster import parameter_count
from symdyn_core.training import Settings
from symdyn_core.training.devices import make_channels_last
from symdyn_core.training.objective import RolloutLoss, Sample

MODES = {
    "float32": ("32-true", False),
    "float32, channels last": ("32-true", True),
    "bfloat16": ("bf16-mixed", False),
    "bfloat16, channels last": ("bf16-mixed", True),
}
CELLS = 64


def prepared(model, precision: str, channels_last: bool, steps: int):
    """A function that does one update of a model, and its parameter count."""
    forecaster = SMALL.specification(model.kit).build()
    if channels_last:
        make_channels_last(forecaster)
    fabric = Fabric(accelerator="cpu", devices=1, precision=precision)
    loss, optimiser = fabric.setup(
        RolloutLoss(forecaster, Settings(rollout_steps=steps)),
        torch.optim.Adam(forecaster.parameters(), 1e-3),
    )

    def update(window, truth):
        optimiser.zero_grad()
        fabric.backward(loss(Sample(window, truth, None)))
        optimiser.step()

    return update, parameter_count(forecaster)


def timed(update, *arguments) -> float:
    """Processor seconds of one call: other programs on the machine do not count."""
    start = time.process_time()
    update(*arguments)
    return time.process_time() - start


def main() -> None:
    """Time all models in all modes, print the ratios and write them down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    window = torch.randn(options.batch, SMALL.past, 2, CELLS, CELLS)
    truth = torch.randn(options.batch, options.steps, 2, CELLS, CELLS)
    cases = {
        (model.kit.name, mode): prepared(model, *MODES[mode], options.steps)
        for model in members()
        for mode in MODES
    }
    seconds: dict = {case: [] for case in cases}
    for round_number in range(options.rounds + 1):
        for case, (update, _) in cases.items():
            spent = timed(update, window, truth)
            if round_number > 0:
                seconds[case].append(spent)
    rows = [
        {
            "group": "training_step",
            "what": kit,
            "mode": mode,
            "baseline": "float32",
            "seconds": statistics.median(values),
            "ratio": statistics.median(values) / statistics.median(seconds[kit, "float32"]),
            "ratio_to_plain": statistics.median(values) / statistics.median(seconds["plain", mode]),
            "parameters": cases[kit, mode][1],
        }
        for (kit, mode), values in seconds.items()
    ]
    for row in rows:
        print(
            f"{row['what']:16} {row['mode']:24} {row['seconds']:7.3f} s"
            f"  {row['ratio']:.2f} of float32  {row['ratio_to_plain']:.2f} of plain"
        )
    result = {"hardware": hardware(), "versions": {"torch": torch.__version__}, "rows": rows}
    path = Path(__file__).parent / "results" / "training_step.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
