"""Visitors who log in at another host: the whole way there and back, with a host of our own."""

import base64
import json
import os
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from test_served_options import app, get

pytest_plugins = ("dashboard_fixtures",)

KEY, SECRET, ADA = "key-of-symdyn", "secret-of-symdyn", "ada@example.org"


class Provider(BaseHTTPRequestHandler):
    """Sends everybody back with a code, and tells who it is to those who know the secret."""

    def log_message(self, *_):
        """Nothing is printed."""

    def _answer(self, content):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def do_GET(self):
        place = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(place.query))
        if place.path == "/authorize":
            assert asked["client_id"] == KEY and asked["response_type"] == "code"
            state = self.server.forged or asked["state"]
            query = urllib.parse.urlencode({"code": "code-of-ada", "state": state})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{query}")
            self.end_headers()
        elif self.headers["Authorization"] == "Bearer token-of-ada":
            self._answer({"email": ADA})
        else:
            self.send_error(403)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = dict(urllib.parse.parse_qsl(body))
        if (told["code"], told["client_secret"]) == ("code-of-ada", SECRET):
            self._answer({"access_token": "token-of-ada"})
        else:
            self._answer({"error": "invalid_client"})


@pytest.fixture
def provider(monkeypatch):
    """A host that logs visitors in, and that the server is told of."""
    host = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    host.forged = ""
    threading.Thread(target=host.serve_forever, daemon=True).start()
    place = f"http://127.0.0.1:{host.server_port}"
    for name, path in (("AUTHORIZE_URL", "authorize"), ("TOKEN_URL", "token"), ("USER_URL", "me")):
        monkeypatch.setenv(f"PANEL_OAUTH_{name}", f"{place}/{path}")
    yield host
    host.shutdown()
    host.server_close()


def options(secret=SECRET):
    encryption = base64.urlsafe_b64encode(os.urandom(32)).decode()
    login = ("--oauth-provider", "generic", "--oauth-key", KEY, "--oauth-secret", secret)
    return (*login, "--oauth-encryption-key", encryption, "--cookie-secret", "c" * 32, "--no-warm")


def opened(port):
    """(answer, cookies) of the dashboard, wherever one is sent on the way."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    return get(port, "/app", opener), {cookie.name: cookie.value for cookie in jar}


@pytest.mark.slow
def test_a_visitor_logs_in_at_another_host(prepared, tmp_path, provider):
    with app(prepared, tmp_path, *options()) as (port, log):
        answer, cookies = opened(port)
        assert answer.url.split("?")[0] == f"http://localhost:{port}/app"
        assert b'"token":' in answer.read(), "the page of a session"
        assert "user" in cookies and "token-of-ada" not in "".join(cookies.values())
        # Controls: without cookies one is sent to the host again; a state that this server never
        # gave is refused.
        provider.forged = "forged"
        with pytest.raises(urllib.error.HTTPError) as refused:
            opened(port)
        with refused.value as answer:
            assert answer.code == 401
        assert "Traceback" not in log.read_text() and SECRET not in log.read_text()


@pytest.mark.slow
def test_a_wrong_secret_lets_nobody_in(prepared, tmp_path, provider):
    with app(prepared, tmp_path, *options(secret="wrong")) as (port, _):
        with pytest.raises(urllib.error.HTTPError) as refused:
            opened(port)
        with refused.value as answer:
            assert answer.code == 401
        assert get(port, "/liveness").status == 200
