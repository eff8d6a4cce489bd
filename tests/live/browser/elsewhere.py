"""The site of somebody else, on another origin and another site than the service: one page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Every browser finds it on this machine, and takes it for another site than 127.0.0.1.
HOST = "clinic.localhost"


class Elsewhere:
    """A page that is changed from outside, at one address."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.page = ""

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Elsewhere]:
        """Serve it until the end."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *values: object) -> None:
                """Whatever matters is seen in the page."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            site = cls(f"http://{HOST}:{server.server_port}")
            thread = threading.Thread(target=server.serve_forever, name="elsewhere", daemon=True)
            thread.start()
            try:
                yield site
            finally:
                server.shutdown()
                thread.join()
