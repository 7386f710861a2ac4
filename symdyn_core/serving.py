"""What the person who serves the dashboard offers and allows.

The command ``symdyn app`` checks it and writes it to environment variables; the dashboard reads
them, so that ``panel serve app/`` obeys the same variables. Lists are separated by semicolons,
because addresses and names of models hold colons.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

PREFIX = "SYMDYN_"
YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")

CALLABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
"""package.module:callable"""

ADDRESS = re.compile(r"(https|http|s3|gs)://[A-Za-z0-9._-]+(:\d+)?(/[^\s?#]*)?")
"""The start of an address: scheme, host or bucket, perhaps a path."""


@dataclass(frozen=True)
class Operator:
    """What is offered to visitors and what they may do.

    Attributes:
        flows: flows beside the demo: stores, files, folders, globs or addresses.
        models: models beside the zoo: run directories or ``package.module:callable``.
        allow: folders and starts of addresses whose flows visitors may open themselves.
        allow_training: whether visitors may start a small training.
        upload_mb: largest upload of a visitor, and all of one session together [MB]; 0: none.
        session_mb: memory that all flows of one visitor's own may take together [MB].
        max_sessions: sessions at a time in each process; further visitors are asked to wait.
        idle_minutes: a session without any action for so long is closed.
        num_threads: threads that compute forecasts in each process, beside one that is left for
            moving sliders; 0: one for each core.
        cache_mb: results of forecasts that each process remembers [MB].
        device: where forecasts are computed: cpu, cuda, cuda:1 ...; "": a GPU where there is one.
        log_json: whether the log is one JSON object on each line, rather than lines for people.

    Raises:
        ValueError: one line: what was expected, what was found.
    """

    flows: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    allow_training: bool = False
    upload_mb: int = 200
    session_mb: int = 512
    max_sessions: int = 40
    idle_minutes: int = 30
    num_threads: int = 0
    cache_mb: int = 256
    device: str = ""
    log_json: bool = False

    def __post_init__(self):
        for name, low, high in (
            ("upload_mb", 0, 100_000),
            ("session_mb", 1, 1_000_000),
            ("max_sessions", 1, 100_000),
            ("idle_minutes", 1, 100_000),
            ("num_threads", 0, 1024),
            ("cache_mb", 16, 1_000_000),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{_told(name)} lies between {low} and {high}, got {value}.")
        if not re.fullmatch(r"|cpu|cuda(:\d+)?", self.device):
            raise ValueError(f"{_told('device')} is cpu, cuda or cuda:1, got {self.device!r}.")
        for name in ("flows", "models", "allow"):
            _check_list(name, getattr(self, name))
        for model in self.models:
            _check_model(model)
        object.__setattr__(self, "allow", tuple(map(_place, self.allow)))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Operator":
        """The operator that the environment variables describe.

        Raises:
            ValueError: a value that cannot be read; names the variable.
        """
        given = {
            field.name: _read(variable, environment[variable], type(field.default))
            for field in fields(cls)
            if (variable := PREFIX + field.name.upper()) in environment
        }
        return cls(**given)

    def to_environment(self) -> dict[str, str]:
        """The variables that describe this operator; paths are absolute."""
        return {
            PREFIX + field.name.upper(): _written(field.name, getattr(self, field.name))
            for field in fields(self)
        }


def _told(name: str) -> str:
    """An option as both the command line and the environment call it."""
    return f"--{name.replace('_', '-')} ({PREFIX}{name.upper()})"


def _read(variable: str, text: str, kind: type):
    text = text.strip()
    if kind is tuple:
        return tuple(part.strip() for part in re.split(r"[;\n]", text) if part.strip())
    if kind is bool:
        if text.lower() in (*YES, *NO):
            return text.lower() in YES
        raise ValueError(f"{variable} is 1 or 0, got {text!r}.")
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{variable} is a whole number, got {text!r}.") from None
    return text


def _written(name: str, value) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if name == "flows":
        # A worker may be started elsewhere.
        value = tuple(v if "://" in v else str(Path(v).expanduser().absolute()) for v in value)
    return ";".join(value) if isinstance(value, tuple) else str(value)


def _check_list(name: str, values: tuple[str, ...]) -> None:
    for value in values:
        if not value.strip() or re.search(r"[;\n\0]", value):
            raise ValueError(
                f"{_told(name)}: expected a name without semicolons or line breaks, got {value!r}."
            )


def _check_model(model: str) -> None:
    """Of the right form; whether it is a forecaster is found out by loading it."""
    if CALLABLE.fullmatch(model) or Path(model).is_dir() or re.fullmatch(r"[\w.-]+", model):
        return
    raise ValueError(
        f"{_told('models')}: expected a zoo name, a run directory or package.module:callable, "
        f"got {model!r}."
    )


def _place(place: str) -> str:
    """An allowed place in the form that paths and addresses are compared with.

    Raises:
        ValueError: neither a folder nor the start of an address.
    """
    if "://" in place or "::" in place:
        if not ADDRESS.fullmatch(place) or ".." in place or "%" in place:
            raise ValueError(
                f"{_told('allow')}: expected the start of an address such as "
                f"https://data.example.org/flows/, got {place!r}."
            )
        scheme, rest = place.split("://")
        host, _, path = rest.partition("/")
        return f"{scheme}://{host.lower()}/{path}"
    folder = Path(place).expanduser().resolve()
    if not folder.is_dir():
        raise ValueError(f"{_told('allow')}: expected a folder or an address, got {place!r}.")
    return str(folder)
