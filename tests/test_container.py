"""The container file, line by line: what it copies is there, what it runs is known."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from tests.command_line import run

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "app" / "Containerfile"

KNOWN = {
    *("FROM", "ARG", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK"),
    *("STOPSIGNAL", "ENTRYPOINT"),
}


def instructions(text: str) -> list[tuple[str, str]]:
    """(instruction, what follows it), without comments, continued lines joined."""
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", plain)
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


LINES = instructions(FILE.read_text())


def following(name: str) -> list[str]:
    return [rest for instruction, rest in LINES if instruction == name]


def test_every_instruction_is_one():
    assert {name for name, _ in LINES} <= KNOWN
    assert LINES[0][0] == "FROM"


def test_what_is_copied_is_there_and_all_that_serving_needs():
    copied = {source for rest in following("COPY") for source in shlex.split(rest)[:-1]}
    assert all((ROOT / source).exists() for source in copied)
    assert {"symdyn_core", "app", "data/demo", "data/zoo", "pyproject.toml"} <= copied
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {project["readme"], *project["license-files"]}
    assert named <= copied, "pip reads them"


def test_libraries_are_those_that_were_tested_together():
    (install,) = (rest for rest in following("RUN") if "pip install" in rest)
    assert "--constraint .constraints/3.13.txt" in install and "'.[app]'" in install
    (image,) = following("FROM")
    assert ":3.13-" in image


def test_it_does_not_run_as_root():
    names = [name for name, _ in LINES]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert following("USER") == ["symdyn"] and "useradd" in following("RUN")[-1]


def test_its_command_is_one_that_starts(monkeypatch):
    from symdyn_core.commands import app as command

    started = []
    monkeypatch.setattr(command, "serve", lambda *given: started.append(given))
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: object())
    (entry,) = (json.loads(rest) for rest in following("ENTRYPOINT"))
    assert entry[0] == "symdyn"
    code, _, err = run(*entry[1:], "--origin", "flows.example.org")
    assert code == 0, err
    ((words, environment),) = started
    assert "--liveness" in words and environment["SYMDYN_LOG_JSON"] == "1"
    (health,) = following("HEALTHCHECK")
    port = words[words.index("--port") + 1]
    assert f"localhost:{port}/liveness" in health and following("EXPOSE") == [port]


@pytest.mark.parametrize("text", ["FROM a\nCOPY nothing/here .\n", "RUM x\n"])
def test_the_reader_sees_what_is_wrong(text):
    lines = instructions(text)
    unknown = {name for name, _ in lines} - KNOWN
    gone = [
        rest for name, rest in lines if name == "COPY" and not (ROOT / rest.split()[0]).exists()
    ]
    assert unknown or gone
