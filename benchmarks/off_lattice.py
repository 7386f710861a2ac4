"""How badly networks turn by 45 degrees, beside other libraries, and what doing better costs.

Five layers, vector -> functions on the group -> vector, freshly initialised, on exact turned flows;
U-Nets with and without anti-aliasing; times of what was added. Peers are skipped where they are
not installed. Writes ``benchmarks/results/off_lattice-cpu.json``.

    python benchmarks/off_lattice.py [--rounds 7] [--seeds 4]
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import torch
from torch import nn

from symdyn_core.benchmarking.comparing import Pair
from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.off_lattice import (
    PlaneWaves,
    chain,
    chain_cells,
    mean_turning_error,
    peer_chain,
)
from symdyn_core.benchmarking.peers import peers
from symdyn_core.benchmarking.reports import default_path, report, write_report
from symdyn_core.benchmarking.rows import row
from symdyn_core.layers import DihedralKit, PlainKit, SteerableKit
from symdyn_core.models import UNet

GROUP = "off_lattice"
KITS = (
    SteerableKit(),
    SteerableKit(kernel_size=5),
    SteerableKit(order=16),
    SteerableKit(order=16, kernel_size=5),
    DihedralKit(kernel_size=5),
)
WIDTH = 2
TARGET = 1 / 3
"""Largest ratio of our error to a peer's."""

WAVELENGTHS = (8, 16)
CELLS = 65
"""Side of the U-Nets' grid: its centre is a node on every coarser grid."""


def chains(seeds: int) -> Iterator[dict]:
    """Errors of our five layers as ratios to those of each peer, or to the pointwise ones."""
    found, _ = peers()
    for kit in KITS:
        for shortest in WAVELENGTHS:
            flows = PlaneWaves(6, shortest)

            def error(build: Callable[..., nn.Module], kit: SteerableKit, flows=flows) -> float:
                return mean_turning_error(
                    partial(build, kit, WIDTH), flows, chain_cells(kit), seeds
                )

            ours = {
                a: error(chain, replace(kit, activation=a)) for a in ("pointwise", "band_limited")
            }
            baselines = {"pointwise": ours["pointwise"]}
            baselines |= {peer.name: error(partial(peer_chain, peer), kit) for peer in found}
            sizes = {"kernel_size": kit.kernel_size, "shortest_wave": shortest}
            for baseline, theirs in baselines.items():
                for activation, mine in ours.items():
                    target = TARGET if (activation, baseline) == ("band_limited", "e2cnn") else None
                    yield row(
                        GROUP,
                        f"{kit.group.name} {activation}",
                        "error",
                        baseline,
                        mine / theirs,
                        target=target,
                        error=mine,
                        baseline_error=theirs,
                        **sizes,
                    )


def unets(seeds: int) -> Iterator[dict]:
    """Errors of U-Nets as ratios to the default."""
    flows = PlaneWaves(4, 16)

    def error(**options) -> float:
        def build(seed: int) -> nn.Module:
            torch.manual_seed(seed)
            return UNet(SteerableKit(**options), 1, WIDTH, multipliers=(1, 1, 2)).double().eval()

        return mean_turning_error(build, flows, CELLS, seeds)

    default = error()
    for what, options in {
        "U-Net anti-aliased": {"anti_aliased": True},
        "U-Net band-limited": {"activation": "band_limited"},
        "U-Net anti-aliased, band-limited": {"anti_aliased": True, "activation": "band_limited"},
    }.items():
        mine = error(**options)
        yield row(GROUP, what, "error", "U-Net", mine / default, error=mine, baseline_error=default)


def costs(conditions: Conditions) -> Iterator[dict]:
    """Times beside the defaults: a block of 64 channels on 64 x 64 cells, and a whole U-Net."""
    h = conditions.hidden(2, 64, 64, 64)
    blocks = [SteerableKit(activation=a).residual(8, 8) for a in ("band_limited", "pointwise")]
    yield from Pair(
        GROUP, "band_limited block", "pointwise", *blocks, h, conditions, sizes={}
    ).times()
    w = conditions.noise(2, 8, 64, 64)
    networks = [UNet(PlainKit(anti_aliased=a), 4, 16) for a in (True, False)]
    yield from Pair(
        GROUP, "U-Net anti-aliased", "U-Net", *networks, w, conditions, sizes={}
    ).times()


def main() -> None:
    """Measure all, print the ratios and write them down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    conditions = Conditions(rounds=options.rounds)
    rows = []
    with conditions.threaded():
        for part in (chains(options.seeds), unets(options.seeds), costs(conditions)):
            for found in part:
                rows.append(found)
                sizes = " ".join(
                    f"{found.get(k, '')!s:2}" for k in ("kernel_size", "shortest_wave")
                )
                errors = f"{found.get('error', 0):.4f} {found.get('baseline_error', 0):.4f}"
                print(
                    f"{found['what']:34} {sizes} {found['mode']:17} {found['ratio']:6.3f} of "
                    f"{found['baseline']:10} {errors if 'error' in found else ''}",
                    flush=True,
                )
    write_report(default_path(GROUP, conditions), report(rows, conditions, peers()[1]))


if __name__ == "__main__":
    main()
