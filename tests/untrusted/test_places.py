"""Only what the operator allows is opened, however it is spelled."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import fsspec
import pytest
from fsspec.config import conf

from symdyn_core.untrusted.places import allowed, forbid_redirects


@pytest.fixture
def tree(tmp_path):
    """(allowed folder, folder beside it), both with a store; resolved."""
    root = tmp_path.resolve()
    for place in ("open", "open-secret", "secret"):
        (root / place / "flow.zarr").mkdir(parents=True)
        (root / place / "flow.zarr" / "zarr.json").write_text("{}")
    return root / "open", root / "secret"


def test_what_lies_inside_is_opened(tree):
    place, _ = tree
    for wanted in (f"{place}/flow.zarr", "flow.zarr", f"  {place}/./flow.zarr/ ", str(place)):
        assert allowed(wanted, [str(place)]).startswith(str(place))


@pytest.mark.parametrize(
    "wanted",
    [
        "{secret}/flow.zarr",
        "{open}/../secret/flow.zarr",
        "../secret/flow.zarr",
        "{open}-secret/flow.zarr",
        "{open}/link/flow.zarr",
        "{open}/link",
        "link",
        "{open}/none",
        "/etc/passwd",
        "{open}/*.zarr",
        "{open}/[f]low.zarr",
        "~root",
        "",
        "flow.zarr\0.nc",
        "file://{secret}/flow.zarr",
        "file://{open}/flow.zarr",
        "simplecache::{secret}/flow.zarr",
        "reference://",
        "x" * 5000,
    ],
)
def test_nothing_else_is(tree, wanted):
    place, secret = tree
    (place / "link").symlink_to(secret)
    with pytest.raises(ValueError) as error:
        allowed(wanted.format(open=place, secret=secret), [str(place)])
    assert str(secret / "flow.zarr") not in str(error.value)


def test_a_link_inside_a_store_must_not_lead_out(tree):
    place, secret = tree
    (place / "flow.zarr" / "c").symlink_to(secret / "flow.zarr" / "zarr.json")
    with pytest.raises(ValueError, match="leads out"):
        allowed("flow.zarr", [str(place)])
    # Control: one that stays inside is fine.
    (place / "flow.zarr" / "c").unlink()
    (place / "flow.zarr" / "c").symlink_to(place / "flow.zarr" / "zarr.json")
    assert allowed("flow.zarr", [str(place)])


START = "https://data.example.org/flows/"


@pytest.mark.parametrize("wanted", [f"{START}eddies.zarr", "https://DATA.example.org/flows/a.nc"])
def test_addresses_below_an_allowed_start_are_opened(wanted):
    assert allowed(wanted, [START]).startswith(START)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://data.example.org/other/a.nc",
        "https://data.example.org/flows-private/a.nc",
        "https://data.example.org/flows/../private/a.nc",
        "https://data.example.org/flows/%2e%2e/private/a.nc",
        "https://data.example.org.evil.org/flows/a.nc",
        "https://data.example.org@evil.org/flows/a.nc",
        "https://evil.org/?https://data.example.org/flows/",
        "https://evil.org#https://data.example.org/flows/",
        "http://data.example.org/flows/a.nc",
        "https://data.example.org:8443/flows/a.nc",
        "https://data.example.org/flows/a.nc?token=1",
        "https://data.example.org/flows/*.nc",
        "https://data.example.org\\@evil.org/flows/",
        "simplecache::https://data.example.org/flows/a.nc",
        "reference::https://data.example.org/flows/a.json",
        "file:///etc/passwd",
        "s3://bucket/a.zarr",
    ],
)
def test_no_other_address_is(wanted):
    with pytest.raises(ValueError):
        allowed(wanted, [START])


def test_without_allowed_places_it_is_said():
    for wanted in ("/etc", "https://data.example.org/a"):
        with pytest.raises(ValueError, match="allowed no places"):
            allowed(wanted, [])


@pytest.fixture
def redirecting():
    """Address of a server that sends everybody on to its own secret, which is reached or not."""
    reached = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/secret":
                reached.append(True)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"secret")
            else:
                self.send_response(302)
                self.send_header("Location", "/secret")
                self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/open", reached
    server.shutdown()
    server.server_close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_server_cannot_send_this_one_elsewhere(redirecting, monkeypatch):
    address, reached = redirecting
    with fsspec.open(address, "rb", skip_instance_cache=True) as file:
        assert file.read() == b"secret"  # control: without the ban it is followed
    reached.clear()
    monkeypatch.setitem(conf, "http", {})
    monkeypatch.setitem(conf, "https", {})
    forbid_redirects()
    try:
        with fsspec.open(address, "rb", skip_instance_cache=True) as file:
            assert b"secret" not in file.read()
    except (OSError, ValueError):
        pass  # no data is as good as other data
    assert not reached
