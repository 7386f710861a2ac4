"""A server of the dashboard in a process of its own, and its memory."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 2**20


class Server:
    """Serves the dashboard, warm, as ``symdyn app`` does; a context manager.

    Args:
        options: of ``symdyn app``.
    """

    def __init__(self, *options: str):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed on leaving)
        paths = [str(ROOT), str(ROOT / "benchmarks"), os.environ.get("PYTHONPATH", "")]
        start = "from symdyn_core.cli import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", start, "app", "--port", str(self.port), *options],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            stdout=self.log, stderr=self.log,
        )  # fmt: skip

    @property
    def address(self) -> str:
        """Of the dashboard."""
        return f"http://localhost:{self.port}/app"

    @property
    def memory(self) -> float:
        """Resident memory of the server and the processes that it started [MB]."""
        own = psutil.Process(self.process.pid)
        family = [own, *own.children(recursive=True)]
        return sum(process.memory_info().rss for process in family) / MEGABYTE

    @property
    def processor_seconds(self) -> float:
        """Of the processor, used so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def __enter__(self) -> "Server":
        for _ in range(480):
            if self.process.poll() is not None:
                self.log.seek(0)
                raise RuntimeError(f"The server ended:\n{self.log.read()[-2000:]}")
            try:
                urllib.request.urlopen(f"http://localhost:{self.port}/liveness", timeout=5).close()
                return self
            except OSError:
                time.sleep(0.25)
        raise RuntimeError("The server did not answer within two minutes.")

    def __exit__(self, *_) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def errors(self) -> list[str]:
        """Lines of the log that tell of errors."""
        self.log.flush()
        self.log.seek(0)
        return [line for line in self.log.read().splitlines() if "rror" in line or "ERROR" in line]
