"""Runs of an ensemble side by side: on processes of this machine, or on a Dask cluster.

A run keeps its checkpoints in a folder that every worker can open. Where a worker is lost, the
scheduler gives its run to another one, which goes on from the last checkpoint. Progress is read
from the checkpoints, so that it needs no connection to a worker.
"""

import ctypes
import platform
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, Worker, WorkerPlugin, wait

from symdyn_core.datasets.ensemble import Run
from symdyn_core.solvers.recording import Progress

LOSSES = 20
"""Workers that one run may lose before it is thought to be what kills them. Dask's own 3 are for
tasks that start anew each time."""

POLL_SECONDS = 0.5
"""Seconds between two looks at the checkpoints."""


class _LeavesInterruptsAlone(WorkerPlugin):
    """Ctrl-C reaches all processes of a terminal: the one that started the workers answers it and
    ends them."""

    def setup(self, worker: Worker) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def record_here(runs: list[Run], progress: Progress | None = None) -> None:
    """Record one run after the other in this process."""
    done = [run.recorder.done() for run in runs]
    total = sum(run.simulation.schedule.intervals for run in runs)
    for index, run in enumerate(runs):

        def report(run_done: int, run_total: int, index: int = index) -> None:
            done[index] = run_done
            if progress is not None:
                progress(sum(done), total)

        run.record(report)


def record_on_workers(
    runs: list[Run],
    progress: Progress | None = None,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
) -> None:
    """Record runs on Dask workers, one thread for each run; the numbers are those of
    ``record_here``.

    Args:
        runs: what to record.
        progress: called with the intervals of all runs, done and in all.
        workers: processes to start on this machine. A script that starts them must do its work
            under ``if __name__ == "__main__":``, as all that start processes.
        scheduler: address of a running cluster instead (``tcp://...``); its workers need this
            package and the folder of the data under the same path.

    Raises:
        ValueError: neither or both of workers and scheduler, or no cluster at that address.
        OSError: workers were lost again and again.
    """
    if (workers is None) == (scheduler is None) or (workers is not None and workers < 1):
        raise ValueError(
            "Expected either a number of workers or the address of a scheduler, got "
            f"workers={workers}, scheduler={scheduler!r}."
        )
    count = None if workers is None else min(workers, len(runs))
    with _client(count, scheduler) as client, client.as_current():
        futures = [client.submit(_record, run, pure=False) for run in runs]
        try:
            _follow(futures, runs, progress)
        except KilledWorker as error:
            raise OSError(
                f"{error.last_worker.address if error.last_worker else 'A worker'} and others "
                "before were lost while they simulated; out of memory? Use fewer workers; the "
                "runs can be gone on with."
            ) from None
        except BaseException:
            # Who records on a cluster that lives on is told to stop; processes of our own end.
            for run in runs:
                run.recorder.give_up()
            client.cancel(futures, force=True)
            raise


def _record(run: Run) -> None:
    _keep_freed_memory()
    run.record()


def _follow(futures: list[Future], runs: list[Run], progress: Progress | None) -> None:
    """Report until all is recorded; raise what a run raised as soon as it did."""
    total = sum(run.simulation.schedule.intervals for run in runs)
    pending = futures
    while pending:
        with suppress(TimeoutError):
            wait(pending, timeout=POLL_SECONDS, return_when="FIRST_COMPLETED")
        for future in pending:
            if future.done():
                future.result()
        pending = [future for future in pending if not future.done()]
        if progress is not None:
            progress(sum(run.recorder.done() for run in runs), total)


@contextmanager
def _client(workers: int | None, scheduler: str | None) -> Iterator[Client]:
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ValueError(
                f"No Dask scheduler at {scheduler!r} ({error}). Start one with `dask scheduler` "
                "and give the address that it prints."
            ) from None
        with client:
            yield client
        return
    settings = {
        "distributed.scheduler.allowed-failures": LOSSES,
        # A worker takes a run only when it can begin it, so that none waits beside an idle one.
        "distributed.scheduler.worker-saturation": 1.0,
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            dashboard_address=None,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.register_plugin(_LeavesInterruptsAlone())
        yield client


def _keep_freed_memory() -> None:
    """Let the C library keep memory between operations instead of giving it back each time.

    Dask starts its workers with MALLOC_TRIM_THRESHOLD_=65536, for which a solver that makes and
    drops fields of a megabyte pays up to five times its own time in page faults.
    """
    if platform.libc_ver()[0] == "glibc":
        mallopt: Callable[[int, int], int] = ctypes.CDLL(None).mallopt
        trim_threshold, mmap_threshold = -1, -3
        mallopt(trim_threshold, 2**30)
        mallopt(mmap_threshold, 2**25)
