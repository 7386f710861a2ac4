"""A served sidebar and a visitor who sends what no browser would."""

import asyncio
import gzip
from base64 import b64encode

import pytest
from browser_tools import served

pytest_plugins = ("dashboard_fixtures",)

NAN = {"type": "number", "value": "nan"}
BYTES = {"type": "bytes", "data": b64encode(gzip.compress(bytes(8))).decode()}
ARRAY = {"type": "ndarray", "array": BYTES, "dtype": "int32", "order": "little", "shape": [2]}
KEYS = ("links.0", "links.0.rotation.0", "links.0.rotation.presets", "data", "now", "stabilised")
VALUES = (NAN, ARRAY, None, "37", -1, 10**400, [[]], {"type": "map", "entries": []}, True)


async def forge(address: str) -> dict[str, object]:
    """Send values of all kinds and numbers of no kind, then move the slider as a browser does."""
    from benchmarks.dashboard.visitors import Visitor

    visitor = await Visitor.arrived(address)
    for key in (*KEYS, "nobody", 3, None, ["links"]):
        for value in VALUES:
            await visitor.wire.tell(visitor.controls, {"key": key, "value": value, "number": 1})
    for number in (NAN, ARRAY, -1, "1", None):
        said = {"key": "links.0.rotation.0", "value": 12, "number": number}
        await visitor.wire.tell(visitor.controls, said)
    before = visitor.generation
    await visitor.move(37.0)
    after = visitor.generation
    await visitor.leave()
    return {"before": before, "after": after}


def test_forged_messages_leave_no_trace_in_the_log(prepared, tmp_path):
    pytest.importorskip("tornado")
    with served(prepared, tmp_path) as address:
        found = asyncio.run(forge(address))
    assert found["after"] > found["before"], "it still answers"
    # What is still on its way when the server is told to end is Bokeh's to complain of.
    log = (tmp_path / "server.log").read_text().split("Received signal")[0]
    assert "a visitor came" in log, "control: this is the log"
    assert "Traceback" not in log and "ERROR" not in log and "error" not in log.lower()
