"""``symdyn bench layers | models``: what a symmetry costs on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from symdyn_core.commands.bench_output import show_bench
from symdyn_core.commands.reporting import AsJson, reported, say, show_json
from symdyn_core.progress import progress_bar
from symdyn_core.whole_files import check_writable

commands = typer.Typer(
    help="Time equivariant layers and networks beside ordinary ones.", no_args_is_help=True
)

Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1 ...")]
Precision = Annotated[str, typer.Option(help="float32 or bf16 (automatic mixed precision).")]
ChannelsLast = Annotated[bool, typer.Option("--channels-last", help="Channels innermost.")]
Threads = Annotated[int, typer.Option(help="Processor threads.")]
Rounds = Annotated[int, typer.Option(help="Ratios that each median is taken of.")]
KernelSizes = Annotated[list[int], typer.Option(help="Odd; repeatable.")]
Batch = Annotated[int, typer.Option(min=1, help="Samples of the input.")]
Cells = Annotated[int, typer.Option(min=8, help="Cells along a side of the input.")]
Only = Annotated[str | None, typer.Option(help="Only what has this name, such as `magnitude`.")]
Out = Annotated[
    Path | None,
    typer.Option(help="JSON file; benchmarks/results/GROUP-DEVICE.json for a whole benchmark."),
]


@commands.command("layers")
@reported
def layers(
    channels: Annotated[list[int], typer.Option(help="Expanded widths; repeatable.")] = [64, 128],  # noqa: B006
    kernel_size: KernelSizes = [3],  # noqa: B006
    batch: Batch = 2,
    cells: Cells = 64,
    device: Device = "cpu",
    precision: Precision = "float32",
    channels_last: ChannelsLast = False,
    threads: Threads = 1,
    rounds: Rounds = 15,
    only: Only = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Each kit's convolution and residual block; peers where they are installed."""
    from symdyn_core.benchmarking.conditions import Conditions
    from symdyn_core.benchmarking.layers import LayerBench
    from symdyn_core.benchmarking.peer_layers import PeerBench

    conditions = Conditions(device, precision, channels_last, threads, rounds)
    peers = PeerBench(conditions, batch, cells)
    measurements = LayerBench(conditions, batch, cells).measurements(channels, kernel_size)
    measurements += peers.measurements(channels, kernel_size)
    _measure("layers", measurements, conditions, peers.skipped, only, out, as_json)


@commands.command("models")
@reported
def models(
    size: Annotated[str, typer.Option(help="small or paper.")] = "small",
    architecture: Annotated[str | None, typer.Option(help="ResNet or UNet; both without.")] = None,
    kernel_size: Annotated[int, typer.Option(help="Odd.")] = 3,
    batch: Batch = 1,
    cells: Cells = 64,
    device: Device = "cpu",
    precision: Precision = "float32",
    channels_last: ChannelsLast = False,
    threads: Threads = 1,
    rounds: Rounds = 9,
    only: Only = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Whole networks of every kit, and building those of the paper's size."""
    from symdyn_core.benchmarking.conditions import Conditions
    from symdyn_core.benchmarking.models import SIZES, ModelBench

    if size not in SIZES:
        raise ValueError(f"Unknown size {size!r}; choose from {', '.join(SIZES)}.")
    conditions = Conditions(device, precision, channels_last, threads, rounds)
    bench = ModelBench(conditions, SIZES[size], batch, cells)
    measurements = bench.measurements(kernel_size, architecture)
    _measure("models", measurements, conditions, [], only, out, as_json)


def _measure(group, measurements, conditions, skipped, only, out, as_json) -> None:
    """Run, print, write."""
    from symdyn_core.benchmarking.reports import default_path, report, write_report
    from symdyn_core.benchmarking.running import chosen, run

    kept = chosen(measurements, only)
    path = out or (default_path(group, conditions) if only is None else None)
    if path is not None:
        check_writable(path, "--out")
    if not as_json:
        for peer in skipped:
            say(f"Without {peer['what']}: {peer['reason']}")
    with progress_bar(f"bench {group}", shown=not as_json) as progress:
        found = report(run(kept, conditions, progress), conditions, skipped)
    if path is not None:
        write_report(path, found)
    if as_json:
        show_json(found)
        return
    show_bench(group, found)
    if path is not None:
        say(f"Wrote {path}")
