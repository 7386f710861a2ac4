"""``symdyn app`` as a server: who gets in, from where, what it logs, how many processes."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

pytest_plugins = ("dashboard_fixtures",)

ROOT = Path(__file__).resolve().parents[2]

START = "from symdyn_core.cli import main; main()"


@contextmanager
def app(data, folder, *options):
    """(port, path of the log) of a served dashboard."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "log"
    own = {"SYMDYN_DATA": str(data), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with log.open("w") as file:
        server = subprocess.Popen(
            [sys.executable, "-c", START, "app", "--port", str(port), *options],
            env={**os.environ, **own}, cwd=folder, stdout=file, stderr=file,
            start_new_session=True,
        )  # fmt: skip
        try:
            for _ in range(480):
                assert server.poll() is None, log.read_text()
                try:
                    get(port, "/liveness")
                    break
                except OSError:
                    time.sleep(0.25)
            yield port, log
        finally:
            # All of its processes, as a terminal or a service ends them.
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=60)


def get(port, path, opener=None, **more):
    request = urllib.request.Request(f"http://localhost:{port}{path}", **more)
    return (opener or urllib.request.build_opener()).open(request, timeout=120)


def upgrade(port, origin):
    """Status of a WebSocket that a page of another host opens."""
    headers = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(), "Origin": origin,
        "Sec-WebSocket-Protocol": "bokeh, none",
    }  # fmt: skip
    with socket.create_connection(("localhost", port), timeout=120) as connection:
        lines = [f"GET /app/ws HTTP/1.1\r\nHost: localhost:{port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(connection.recv(100).split()[1])


@pytest.mark.slow
def test_only_those_with_a_password_get_in(prepared, tmp_path):
    users = tmp_path / "users.json"
    users.write_text(json.dumps({"ada": "lovelace"}))
    options = ("--basic-auth", str(users), "--cookie-secret", "c" * 32, "--no-warm", "--log-json")
    with app(prepared, tmp_path, *options) as (port, log):
        assert get(port, "/liveness").status == 200, "probes need no password"
        answer = get(port, "/app")
        assert answer.url.split("?")[0].endswith("/login") and b"bk-" not in answer.read()
        for password, place in (("wrong", "/login"), ("lovelace", "/app")):
            jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
            page = get(port, "/login?next=%2Fapp", jar).read().decode()
            assert "http" not in page, "nothing comes from other hosts"
            assert 'action="/login"' in page and 'name="password"' in page
            form = urllib.parse.urlencode({"username": "ada", "password": password}).encode()
            answer = get(port, "/login", jar, data=form)
            assert answer.url.split("?")[0] == f"http://localhost:{port}{place}"
            refused = b"Invalid username or password!" in answer.read()
            assert refused == (place == "/login")
        lines = [json.loads(line) for line in log.read_text().splitlines() if line[:1] == "{"]
        assert any(line["message"] == "a visitor came" and line["session"] for line in lines)
        assert "lovelace" not in log.read_text()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes that fork")
def test_several_processes_serve_pages_of_allowed_origins(prepared, tmp_path):
    options = ("--num-procs", "2", "--origin", "flows.example.org")
    with app(prepared, tmp_path, *options) as (port, log):
        for _ in range(4):
            assert get(port, "/app").status == 200
        for _ in range(240):
            if log.read_text().count("warm: the first forecasts are there") == 2:
                break  # once in each process, after the fork
            time.sleep(0.25)
        else:
            raise AssertionError(log.read_text())
        assert upgrade(port, "http://evil.example.org") == 403
        assert "Traceback" not in log.read_text()
        # Control: an allowed page gets past this gate, to one that asks for its session.
        assert upgrade(port, "http://flows.example.org") != 403
