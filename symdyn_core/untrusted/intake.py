"""One file of a stranger becomes a small flow store: what runs in the process of its own.

``guard`` starts it as ``python -m symdyn_core.untrusted.intake`` with a request on standard input
and reads the answer, one JSON object, from standard output.
"""

import json
import os
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import h5py
import netCDF4  # noqa: F401  (loaded before memory is limited, as all that reads)
import numpy as np
import xarray as xr
import zarr  # noqa: F401

from symdyn_core.datasets.faults import reported_as
from symdyn_core.datasets.integrity import check_not_truncated
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.store import first_line, write_flow
from symdyn_core.untrusted.archives import unpack
from symdyn_core.untrusted.kinds import CLASSIC, HDF5, ZIP, kind_of
from symdyn_core.untrusted.limits import MEGABYTE, Limits, readable
from symdyn_core.untrusted.links import check_self_contained
from symdyn_core.untrusted.stores import check_store, store_in

FEWEST_CELLS, FEWEST_FRAMES = 8, 2

LONGEST_TEXT = 200
"""Characters of an attribute that are kept."""

LONGEST_PROVENANCE = 20_000

DENIED = (
    *("socket.connect", "socket.bind", "socket.getaddrinfo"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"),
    *("os.kill", "os.symlink", "os.chown", "ctypes.dlopen"),
)
"""What no reader of numbers has to do, by the names of Python's audit events."""

NEVER_UNPICKLED = frozenset(
    {
        *("os", "posix", "nt", "sys", "subprocess", "shutil", "importlib", "runpy", "socket"),
        *("pty", "ctypes", "code", "builtins.eval", "builtins.exec", "builtins.compile"),
        *("builtins.open", "builtins.__import__", "builtins.breakpoint"),
    }
)
"""Modules and functions that Dask, which copies its own tasks by pickle, has no use for."""


@dataclass(frozen=True)
class Request:
    """What is asked of the process: read ``file``, which came as ``name``, and write ``target``."""

    file: str
    name: str
    target: str
    limits: Limits

    @classmethod
    def from_json(cls, text: str) -> "Request":
        """The request that ``to_json`` wrote."""
        values = json.loads(text)
        return cls(**{**values, "limits": Limits(**values["limits"])})

    def to_json(self) -> str:
        """The request as text."""
        return json.dumps(asdict(self))


def take_in(request: Request) -> dict:
    """Check and read the file, and write its flow; tells members, frames and cells.

    Raises:
        ValueError: one line: what is wrong with the file.
    """
    file, limits = Path(request.file), request.limits
    size = file.stat().st_size
    if size > limits.file_mb * MEGABYTE:
        raise ValueError(
            f"The file has {readable(size)}; at most {limits.file_mb} MB are accepted here."
        )
    with np.errstate(all="ignore"):
        flow = plain(open_any(_checked(file, request.name, limits), lazy=True))
    _check_worth(flow)
    limits.check_claim(2 * 4 * int(np.prod(flow["u"].shape)), "The flow")
    write_flow(flow, request.target)
    return {"sizes": {str(name): int(size) for name, size in flow.sizes.items()}}


def _checked(file: Path, name: str, limits: Limits) -> Path:
    """The file or unpacked store under a name that means nothing to any reader."""
    kind = kind_of(file)
    if kind == ZIP:
        folder = unpack(file, file.parent / "unpacked", limits)
        alone = [path for path in folder.rglob("*") if path.is_file()]
        if len(alone) == 1 and kind_of(alone[0]) != ZIP:
            return _checked(alone[0], alone[0].name, limits)
        store = store_in(folder)
        check_store(store, limits)
        return store
    suffix = ".h5" if kind == HDF5 and name.lower().endswith((".h5", ".hdf5")) else ".nc"
    plain_name = file.with_name(f"flow{suffix}")
    file.rename(plain_name)
    if kind == HDF5:
        with reported_as("flow.nc", "NetCDF file"), h5py.File(plain_name, "r") as opened:
            check_self_contained(opened, limits)
    if kind == CLASSIC:
        check_not_truncated(str(plain_name))
    return plain_name


def plain(flow: xr.Dataset) -> xr.Dataset:
    """Velocities, water and coordinates as numbers, with attributes that are safe to print."""
    kept = flow[[name for name in ("u", "v", "water") if name in flow]]
    kept = kept.assign({name: kept[name].astype("float32") for name in ("u", "v")})
    kept = kept.assign_attrs(_safe(kept.attrs))
    for name in kept.variables:
        kept[name].attrs = _safe(kept[name].attrs)
    return kept.drop_encoding()


def _safe(attrs: dict) -> dict[str, Any]:
    """Numbers as they are; text without signs that a page could take for its own."""
    safe: dict[str, Any] = {}
    for key, value in attrs.items():
        if isinstance(value, str):
            text = "".join(sign for sign in value if sign.isprintable() and sign not in "<>&")
            safe[str(key)] = text[:LONGEST_TEXT] if key != "provenance" else _json_or_none(text)
        elif isinstance(value, int | float | np.number):
            safe[str(key)] = value
    return safe


def _json_or_none(text: str) -> str:
    """Provenance, if it is what it should be."""
    try:
        known = isinstance(json.loads(text), dict) and len(text) <= LONGEST_PROVENANCE
    except (ValueError, RecursionError):
        known = False
    return text if known else "{}"


def _check_worth(flow: xr.Dataset) -> None:
    frames, ny, nx = (flow.sizes[name] for name in ("time", "y", "x"))
    if frames < FEWEST_FRAMES:
        raise ValueError(
            f"The flow has {frames} frame; a forecast needs some frames before and after now. "
            "Send a recording that is longer in time."
        )
    if min(ny, nx) < FEWEST_CELLS:
        raise ValueError(
            f"The flow has {ny} x {nx} cells (y, x); at least {FEWEST_CELLS} x {FEWEST_CELLS} are "
            "needed. Send a larger region."
        )


def confine(limits: Limits) -> None:
    """Give up what is not needed any more: memory, time, the network, other programs."""
    try:
        import resource
    except ImportError:  # no such limits on this system: the clock of the guard remains
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.seconds
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 2 * limits.claim_mb * MEGABYTE)
    statm = Path("/proc/self/statm")
    if statm.exists():
        now = int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _limit(resource.RLIMIT_AS, now + limits.memory_mb * MEGABYTE)
    sys.addaudithook(_deny)


def _limit(what: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(what)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _deny(event: str, arguments: tuple) -> None:
    if event == "pickle.find_class":
        module, name = map(str, arguments[:2])
        denied = bool({module.split(".")[0], f"{module}.{name}"} & NEVER_UNPICKLED)
    else:
        denied = event in DENIED
    if denied:
        raise PermissionError(f"a reader of data asked for {event}")


def answer(request: Request) -> dict:
    """What ``take_in`` finds, or its error as one line."""
    try:
        return {"found": take_in(request)}
    except MemoryError:
        line = "The file needs more memory than is given to uploads. Send a part of it."
    except EOFError as error:
        line = f"The file is damaged: {first_line(error)}. Copy or write it again."
    except (ValueError, TypeError) as error:
        line = " ".join(str(error).split())
    except Exception as error:
        line = f"The file cannot be read ({type(error).__name__}: {first_line(error)})."
    return {"error": re.sub(r"'flow\.(nc|h5|zarr)'", f"'{shown(request.name)}'", line)}


def shown(name: str) -> str:
    """The name that a visitor gave to a file, as it can be printed anywhere."""
    own = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in own if sign.isprintable() and sign not in "<>&'\"")[:60]


def main() -> None:
    """Read the request, be confined, answer."""
    request = Request.from_json(sys.stdin.read())
    confine(request.limits)
    sys.stdout.write(json.dumps(answer(request)))


if __name__ == "__main__":
    main()
