"""Reads a file of a stranger in a process of its own, and stops that process when it must."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from symdyn_core.untrusted.intake import Request
from symdyn_core.untrusted.limits import Limits

LOOK = 0.05
"""Seconds between two looks at the process."""

STARTING = 30
"""Seconds that the reader may take to be loaded, on a busy machine."""

INHERITED = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL", "PYTHONPATH")
"""Of the environment, what a reader needs; passwords and keys are not among it."""

CRASH = "The file made its reader crash: it is damaged, or made to do so. It was not opened."


def taken_in(
    file: Path,
    name: str,
    target: Path,
    limits: Limits | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict:
    """Turn a file into a flow store at ``target``; the file is gone afterwards.

    Args:
        file: what was sent; it must be alone in a private folder.
        name: what it was called, of which only the ending counts.
        target: where the store is to be.
        limits: what the file may claim and its reader may take.
        cancelled: asked again and again; True stops the reader.

    Returns:
        ``sizes`` of the flow by axis.

    Raises:
        ValueError: one line: why the file was not taken.
    """
    limits = limits or Limits()
    request = Request(str(file), name, str(target), limits)
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as output:
        asked.write(request.to_json().encode())
        asked.seek(0)
        reader = subprocess.Popen(
            [sys.executable, "-m", "symdyn_core.untrusted.intake"],
            stdin=asked,
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd=file.parent,
            env=_environment(file.parent),
            start_new_session=True,
        )
        try:
            _wait(reader, limits, cancelled)
        finally:
            _end(reader)
        output.seek(0)
        answer = _answer(output.read(2**20), reader.returncode, limits)
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer["found"]


def _environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    root = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (root, kept.get("PYTHONPATH"))))
    # One heap and one thread each: their reserves would count as memory. No plugins for HDF5.
    kept |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    return kept | {"HOME": str(home), "TMPDIR": str(home), "HDF5_PLUGIN_PATH": str(home / "none")}


def _wait(reader: subprocess.Popen, limits: Limits, cancelled: Callable[[], bool]) -> None:
    """Until the reader ends.

    Raises:
        ValueError: it took too long by the clock, or was cancelled.
    """
    latest = time.monotonic() + STARTING + 2 * limits.seconds
    while reader.poll() is None:
        if cancelled():
            raise ValueError("Stopped.")
        if time.monotonic() > latest:
            raise ValueError(_too_long(limits))
        time.sleep(LOOK)


def _end(reader: subprocess.Popen) -> None:
    """No process is left behind, nor any that it started."""
    if reader.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(reader.pid, signal.SIGKILL)
    else:
        reader.kill()
    reader.wait()


def _answer(output: bytes, code: int, limits: Limits) -> dict:
    if code in (-getattr(signal, "SIGXCPU", 24), -getattr(signal, "SIGKILL", 9)):
        raise ValueError(_too_long(limits))
    try:
        return json.loads(output)
    except ValueError:
        raise ValueError(CRASH) from None


def _too_long(limits: Limits) -> str:
    return (
        f"Reading the file took longer than {limits.seconds} seconds, and was stopped. "
        "Send a shorter period or a smaller region."
    )
