"""What a symmetry costs: each kit's residual block against the plain one of equal expanded width.

One process, alternating, medians of the ratios round by round, with their spread. Writes
``benchmarks/results/equivariant_layers.json``.

    python benchmarks/equivariant_layers.py [--rounds 9] [--channels 64]
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import torch

from symdyn_core.experiments.machine import hardware
from symdyn_core.layers import MagnitudeKit, PlainKit, SteerableKit, UniformMotionKit

CELLS, BATCH = 64, 4
KITS = {
    "uniform_motion": UniformMotionKit(),
    "magnitude": MagnitudeKit(),
    "magnitude, a scale for each component": MagnitudeKit(scale="component"),
    "rotation C_8": SteerableKit(order=8),
    "rotation C_16": SteerableKit(order=16),
}


def forward_backward(block, h) -> float:
    """Processor seconds of a training step of one block."""
    start = time.process_time()
    block(h).sum().backward()
    return time.process_time() - start


def evaluation(block, h) -> float:
    """Processor seconds of one evaluation with cached kernels."""
    start = time.process_time()
    with torch.no_grad():
        block(h)
    return time.process_time() - start


def main() -> None:
    """Time every kit beside the plain one and write the ratios down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--channels", type=int, default=64)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    h = torch.randn(BATCH, options.channels, CELLS, CELLS, requires_grad=True)
    for name, kit in KITS.items():
        plain = PlainKit().residual(options.channels, options.channels)
        width = options.channels // kit.channels(1)
        block = kit.residual(width, width)
        for mode, measure in (("forward_backward", forward_backward), ("eval", evaluation)):
            for module in (plain, block):
                module.train(mode == "forward_backward")
                measure(module, h)
            ratios = [measure(block, h) / measure(plain, h) for _ in range(options.rounds)]
            rows.append(
                {
                    "group": "layers",
                    "what": name,
                    "mode": mode,
                    "baseline": "plain",
                    "ratio": statistics.median(ratios),
                    "ratio_min": min(ratios),
                    "ratio_max": max(ratios),
                }
            )
            row = rows[-1]
            print(
                f"{name:40} {mode:18} {row['ratio']:.2f}"
                f"  ({row['ratio_min']:.2f} to {row['ratio_max']:.2f})"
            )
    result = {"hardware": hardware(), "versions": {"torch": torch.__version__}, "rows": rows}
    path = Path(__file__).parent / "results" / "equivariant_layers.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
