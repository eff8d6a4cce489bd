"""Pages on 127.0.0.1, each a folder with an `index.html`, and with a script that is bundled as a front end would."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from dental_sync.local.run import PROJECT_FOLDER

LIVE = Path(__file__).parent.parent
PACKAGE = PROJECT_FOLDER / "clients" / "typescript"


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *values: object) -> None:
        """Whatever matters is seen in the page."""

    def end_headers(self) -> None:
        """Tests change what is there."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


class Site:
    """One server for all pages."""

    def __init__(self, packed: Path, url: str) -> None:
        self._packed = packed
        self._folder = packed / "site"
        self._url = url

    @classmethod
    @contextmanager
    def running(cls, packed: Path) -> Iterator[Self]:
        """Serve pages that are made with what a project has installed."""
        folder = packed / "site"
        folder.mkdir()
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
            server.daemon_threads = True
            thread = threading.Thread(target=server.serve_forever, name="pages", daemon=True)
            thread.start()
            try:
                yield cls(packed, f"http://127.0.0.1:{server.server_port}")
            finally:
                server.shutdown()
                thread.join()

    def bundled(self, source: Path, script: str = "page.js") -> str:
        """The address of a page whose script (.js, .jsx, .ts or .tsx) becomes `page.js`, with all that it imports."""
        sources = self._packed / "pages" / source.name
        served = self._folder / source.name
        if not served.exists():
            shutil.copytree(source, sources, dirs_exist_ok=True)
            # Whoever brings the library of the page along brings it once.
            react = LIVE / "node_modules" / "react"
            options = ["--bundle", "--format=esm", "--target=es2022", "--jsx=automatic", f"--alias:react={react}"]
            esbuild = PACKAGE / "node_modules" / ".bin" / "esbuild"
            subprocess.run(
                [esbuild, sources / script, *options, "--log-level=warning", f"--outfile={served / 'page.js'}"],
                env={**os.environ, "NODE_PATH": f"{LIVE / 'node_modules'}:{PACKAGE / 'node_modules'}"},
                cwd=self._packed,
                check=True,
            )
            shutil.copy(source / "index.html", served)
        return f"{self._url}/{source.name}/"

    def as_it_is(self, source: Path, *modules: Path) -> str:
        """The address of a page that is served as it stands, with the modules that it imports beside it."""
        served = self._folder / f"{source.name}-as-it-is"
        shutil.copytree(source, served)
        for module in modules:
            shutil.copy(module, served)
        return f"{self._url}/{served.name}/"
