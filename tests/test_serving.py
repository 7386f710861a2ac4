"""What an operator allows: checked, carried by the environment, turned into a command."""

import json
import re
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from typer.main import get_command

from symdyn_core.commands import app as command
from symdyn_core.commands.serve_options import secrets_of
from symdyn_core.serving import Operator
from tests.command_line import run
from tests.conftest import mock_flow


@pytest.fixture
def started(monkeypatch):
    """What would have been started: (command, environment)."""
    found = []
    monkeypatch.setattr(command, "serve", lambda *given: found.append(given))
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: object())
    return found


def test_the_environment_carries_all_of_it(tmp_path):
    operator = Operator(
        flows=(str(tmp_path / "a.zarr"), "https://data.example.org/b.nc"),
        models=("mine.models:Network", str(tmp_path)),
        allow=(str(tmp_path), "https://data.example.org/flows/"),
        allow_training=True,
        upload_mb=7,
        session_mb=9,
        max_sessions=3,
        idle_minutes=2,
        num_threads=5,
        cache_mb=64,
        device="cuda:1",
        log_json=True,
    )
    assert Operator.from_environment(operator.to_environment()) == operator
    assert Operator.from_environment({}) == Operator()
    # Control: what is not carried is the default again.
    less = {k: v for k, v in operator.to_environment().items() if k != "SYMDYN_UPLOAD_MB"}
    assert Operator.from_environment(less) == replace(operator, upload_mb=Operator.upload_mb)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("UPLOAD_MB", "-1", "--upload-mb (SYMDYN_UPLOAD_MB) lies between 0 and"),
        ("UPLOAD_MB", "many", "SYMDYN_UPLOAD_MB is a whole number, got 'many'"),
        ("MAX_SESSIONS", "0", "lies between 1 and"),
        ("ALLOW_TRAINING", "perhaps", "SYMDYN_ALLOW_TRAINING is 1 or 0"),
        ("DEVICE", "tpu", "is cpu, cuda or cuda:1, got 'tpu'"),
        ("MODELS", "import os", "package.module:callable"),
        ("MODELS", "os.system('x'):y", "package.module:callable"),
        ("ALLOW", "/no/such/folder", "expected a folder or an address"),
        ("ALLOW", "https://", "the start of an address"),
        ("ALLOW", "https://me:secret@host/", "the start of an address"),
        ("ALLOW", "https://host/a/../b/", "the start of an address"),
        ("ALLOW", "file:///etc/", "the start of an address"),
        ("ALLOW", "simplecache::https://host/", "the start of an address"),
    ],
)
def test_what_cannot_be_meant_is_one_line(variable, value, words):
    with pytest.raises(ValueError) as error:
        Operator.from_environment({f"SYMDYN_{variable}": value})
    assert words in str(error.value) and "\n" not in str(error.value)


def test_the_command_hands_everything_on(started, tmp_path):
    flow = tmp_path / "flow.nc"
    mock_flow(frames=30, ny=8, nx=8).to_netcdf(flow)
    code, _, err = run(
        "app", flow, "--model", "persistence", "--allow", tmp_path, "--allow-training",
        "--upload-mb", 5, "--port", 5107, "--address", "0.0.0.0", "--origin", "flows.example.org",
        "--num-procs", 2, "--no-warm", "--log-json", "--device", "cpu",
    )  # fmt: skip
    assert code == 0, err
    ((words, environment),) = started
    assert words[:4] == [sys.executable, "-m", "panel", "serve"]
    assert "--warm" not in words and "--setup" not in words and "--liveness" in words
    line = " ".join(words)
    assert "--port 5107 --address 0.0.0.0 --num-procs 2" in line
    assert "--allow-websocket-origin flows.example.org" in line and "localhost:" not in line
    operator = Operator.from_environment(environment)
    assert operator.flows == (str(flow),) and operator.models == ("persistence",)
    assert operator.allow == (str(tmp_path),) and operator.allow_training and operator.log_json


@pytest.mark.parametrize(("count", "after_the_fork"), [(1, False), (2, True), (0, True)])
def test_several_processes_are_made_warm_one_by_one(started, count, after_the_fork):
    code, _, err = run("app", "--num-procs", count)
    assert code == 0, err
    words = started[0][0]
    assert "--warm" in words and ("--setup" in words) == after_the_fork


def test_secrets_stay_out_of_the_command(started):
    login = ("--oauth-key", "key-1", "--oauth-secret", "secret-2", "--cookie-secret", "secret-3")
    code, _, err = run("app", "--oauth-provider", "github", *login)
    assert code == 2 and "--oauth-encryption-key" in err and not started
    code, _, err = run("app", "--oauth-provider", "github", *login, "--oauth-encryption-key", "k4")
    assert code == 0, err
    ((words, environment),) = started
    assert not {"key-1", "secret-2", "secret-3", "k4"} & set(words)
    assert environment["PANEL_OAUTH_SECRET"] == "secret-2"
    assert environment["PANEL_COOKIE_SECRET"] == "secret-3"


def test_half_a_login_is_refused():
    with pytest.raises(ValueError, match="exclude each other"):
        secrets_of(basic_auth="users.json", oauth_provider="github", cookie_secret="s")
    with pytest.raises(ValueError, match="needs --cookie-secret"):
        secrets_of(basic_auth="users.json", oauth_provider=None, cookie_secret=None)
    with pytest.raises(ValueError, match="Which --oauth-provider"):
        secrets_of(oauth_key="k", oauth_provider=None)
    assert secrets_of(basic_auth=None, oauth_provider=None) == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no/such/flow.nc",), "no/such/flow.nc"),
        (("--model", "nobody.knows:this"), "Cannot import"),
        (("--model", "no-such-model"), "no-such-model"),
        (("--allow", "no/such/folder"), "expected a folder"),
        (("--upload-mb", "-3"), "lies between"),
        (("--device", "cuda:63"), "No device"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(started, arguments, words):
    code, out, err = run("app", *arguments)
    assert code == 2 and words in err and not started
    assert "Traceback" not in out + err


def test_without_panel_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    code, _, err = run("app")
    assert code == 2 and "symdyn[app]" in err


def test_without_the_clone_it_is_said_where_it_was_looked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "FOLDER", tmp_path / "app")
    code, _, err = run("app")
    assert code == 2 and str(tmp_path / "app") in err and "clone" in err


def test_the_environment_is_json_safe():
    assert json.loads(json.dumps(Operator().to_environment()))["SYMDYN_DEVICE"] == ""


def test_the_readme_tells_every_option():
    """And no other: the table of README against the command itself."""
    from symdyn_core.cli import app as commands

    text = (Path(__file__).resolve().parents[1] / "README.md").read_text()
    table = text.split("## Serve it")[1].split("\n\n")[2]
    told = set(re.findall(r"`(--[a-z-]+)[ `]", table))
    (params,) = (c.params for n, c in get_command(commands).commands.items() if n == "app")
    known = {p.opts[0] for p in params if p.opts[0].startswith("--")} - {"--help"}
    assert told == known
    for name in fields(Operator):
        default = name.default
        if isinstance(default, int) and not isinstance(default, bool):
            option = f"--{name.name.replace('_', '-')}"
            assert re.search(rf"`{option}` \| {default} \|", table), option
