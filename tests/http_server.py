"""A small web server for tests, which fails in the way that a test asks for."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Website:
    """Files by path, and what goes wrong.

    Attributes:
        cuts: after how many bytes the next answers are cut off.
        refusals: the next answers are these errors.
        ranges: whether parts of files are served.
        mark: the version of all files (``ETag``).
        asked: (path, first byte asked for, status of the answer) of every request.
        sent: bytes of content that went out.
    """

    files: dict[str, bytes]
    cuts: list[int] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    ranges: bool = True
    mark: str | None = '"first"'
    asked: list[tuple[str, int, int]] = field(default_factory=list)
    sent: int = 0
    address: str = ""


@contextmanager
def serving(**files: bytes) -> Iterator[Website]:
    """A website on this machine while entered; names of files have ``_`` for the dot."""
    site = Website({f"/{name.replace('_', '.')}": content for name, content in files.items()})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.answer(with_content=False)

        def do_GET(self):
            self.answer(with_content=True)

        def answer(self, with_content):
            content = site.files.get(self.path)
            start, stop = self.wanted(len(content or b""))
            status = 200 if start is None else 206
            if content is None or site.refusals:
                status = 404 if content is None else site.refusals.pop(0)
            elif start is not None and start >= len(content):
                status = 416
            site.asked.append((self.path, start or 0, status))
            self.send_response(status)
            if status >= 400:
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            part = content[start or 0 : stop]
            self.send_header("Content-Length", str(len(part)))
            if site.ranges:
                self.send_header("Accept-Ranges", "bytes")
            if site.mark:
                self.send_header("ETag", site.mark)
            if status == 206:
                self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(content)}")
            self.end_headers()
            if with_content:
                self.send(part)

        def wanted(self, size):
            """(first byte, one past the last), or (None, size) for the whole."""
            match = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            changed = self.headers.get("If-Range", site.mark) != site.mark
            if match is None or changed or not site.ranges:
                return None, size
            return int(match[1]), min(size, int(match[2]) + 1) if match[2] else size

        def send(self, part):
            cut = site.cuts.pop(0) if site.cuts else None
            part = part if cut is None else part[:cut]
            site.sent += len(part)
            self.wfile.write(part)
            if cut is not None:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
