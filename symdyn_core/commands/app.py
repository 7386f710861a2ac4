"""``symdyn app``: the dashboard, with what its visitors may see and do."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from symdyn_core.commands.reporting import reported, say
from symdyn_core.commands.serve_options import (
    MILLISECONDS_PER_MINUTE,
    Address,
    Allow,
    AllowTraining,
    BasicAuth,
    CacheMb,
    CookieSecret,
    Device,
    IdleMinutes,
    Liveness,
    LogJson,
    MaxSessions,
    Models,
    NumProcs,
    NumThreads,
    OAuthEncryptionKey,
    OAuthKey,
    OAuthProvider,
    OAuthRedirectUri,
    OAuthSecret,
    Origins,
    Port,
    SessionMb,
    Show,
    UploadMb,
    Warm,
    secrets_of,
)
from symdyn_core.serving import Operator

FOLDER = Path(__file__).resolve().parents[2] / "app"
"""Only the library is installed as a package; the dashboard is served from the clone."""


@reported
def app(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[FLOW]...", help="Flows beside the demo data.")
    ] = None,
    model: Models = None,
    allow: Allow = None,
    allow_training: AllowTraining = False,
    upload_mb: UploadMb = Operator.upload_mb,
    session_mb: SessionMb = Operator.session_mb,
    max_sessions: MaxSessions = Operator.max_sessions,
    idle_minutes: IdleMinutes = Operator.idle_minutes,
    cache_mb: CacheMb = Operator.cache_mb,
    num_procs: NumProcs = 1,
    num_threads: NumThreads = Operator.num_threads,
    device: Device = Operator.device,
    port: Port = 5006,
    address: Address = "localhost",
    origin: Origins = None,
    warm: Warm = True,
    liveness: Liveness = True,
    show: Show = False,
    log_json: LogJson = False,
    basic_auth: BasicAuth = None,
    cookie_secret: CookieSecret = None,
    oauth_provider: OAuthProvider = None,
    oauth_key: OAuthKey = None,
    oauth_secret: OAuthSecret = None,
    oauth_encryption_key: OAuthEncryptionKey = None,
    oauth_redirect_uri: OAuthRedirectUri = None,
) -> None:
    """Serve the dashboard: panel serve app/, with flows, models and limits of your own."""
    _check_installation()
    operator = Operator(
        flows=tuple(paths or ()), models=tuple(model or ()), allow=tuple(allow or ()),
        allow_training=allow_training, upload_mb=upload_mb, session_mb=session_mb,
        max_sessions=max_sessions, idle_minutes=idle_minutes, num_threads=num_threads,
        cache_mb=cache_mb, device=device, log_json=log_json,
    )  # fmt: skip
    check_offers(operator)
    secrets = secrets_of(
        basic_auth=basic_auth, cookie_secret=cookie_secret, oauth_provider=oauth_provider,
        oauth_key=oauth_key, oauth_secret=oauth_secret,
        oauth_encryption_key=oauth_encryption_key, oauth_redirect_uri=oauth_redirect_uri,
    )  # fmt: skip
    command = serving_command(
        port=port, address=address, origins=origin or [], num_procs=num_procs, warm=warm,
        liveness=liveness, show=show, basic_auth=basic_auth,
    )  # fmt: skip
    say(f"Symdyn: http://{address}:{port}/app  (Ctrl-C stops it)")
    serve(command, {**os.environ, **operator.to_environment(), **secrets})


def _check_installation() -> None:
    if not (FOLDER / "main.py").is_file():
        raise FileNotFoundError(f"No dashboard at {FOLDER}: run this from a clone of the project.")
    if importlib.util.find_spec("panel") is None:
        raise ValueError("The dashboard needs the extra `app`: pip install 'symdyn[app]'.")


def check_offers(operator: Operator) -> None:
    """Refuse flows, models and devices that are not there before a server starts.

    Raises:
        ValueError, FileNotFoundError: what is missing, in one line.
    """
    for path in operator.flows:
        from symdyn_core.datasets.sources import sources

        sources(path)
    for name in operator.models:
        from symdyn_core.models.opening import open_forecaster

        open_forecaster(name)
    if operator.device:
        from symdyn_core.experiments.machine import usable_device

        usable_device(operator.device)


def serving_command(
    *,
    port: int,
    address: str,
    origins: list[str],
    num_procs: int,
    warm: bool,
    liveness: bool,
    show: bool,
    basic_auth: str | None = None,
) -> list[str]:
    """The command that serves the dashboard.

    Raises:
        ValueError: several processes where they would not share a port.
    """
    if num_procs != 1 and sys.platform == "win32":
        raise ValueError("--num-procs needs processes that fork, which this system has not.")
    command = [sys.executable, "-m", "panel", "serve", str(FOLDER)]
    command += ["--port", str(port), "--address", address, "--num-procs", str(num_procs)]
    for host in origins or _own_names(address, port):
        command += ["--allow-websocket-origin", host]
    # A closed tab is forgotten soon; a pause of the network or a reload is not yet one.
    command += ["--unused-session-lifetime", str(MILLISECONDS_PER_MINUTE // 2)]
    command += ["--check-unused-sessions", str(MILLISECONDS_PER_MINUTE // 6)]
    if basic_auth:
        # Panel's own page asks another host for its styles.
        command += [
            "--basic-auth",
            basic_auth,
            "--basic-login-template",
            str(FOLDER / "login.html"),
        ]
    # The frame of the page goes out at once; its session is made while the browser reads it.
    command += ["--warm", "--reuse-sessions", "warm"] if warm else []
    # Processes that are forked from one that is warm have its threads and its GPU no longer.
    command += ["--setup", str(FOLDER / "warmth.py")] if warm and num_procs != 1 else []
    switches = {"--liveness": liveness, "--show": show}
    return command + [name for name, wanted in switches.items() if wanted]


def _own_names(address: str, port: int) -> list[str]:
    """Origins of pages that this server hands out itself, as far as its address tells."""
    names = {"localhost", "127.0.0.1", *([] if address in ("0.0.0.0", "::", "") else [address])}
    return [f"{name}:{port}" for name in sorted(names)]


def serve(command: list[str], environment: dict[str, str]) -> None:
    """Become the server, so that signals reach it; where that cannot be, wait for it."""
    if hasattr(os, "fork"):
        sys.stderr.flush()
        os.execve(command[0], command, environment)
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)
