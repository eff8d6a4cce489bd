"""A folder with a Procfile and stand-ins for the app's processes, and the runs that are started there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.server import free_port
from dental_sync.local.supervisor import MARK

WEB = """
import http.server, json, os, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"status": sys.argv[1]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Health).serve_forever()
"""
PROCFILE = """
release: env > environment.txt
web: python web.py healthy
worker: sleep 1000 | cat
beat: sleep 1000
"""
# For what has nothing to do with the servers: the stand-ins call neither.
NO_SERVERS = {"DATABASE_URL": "postgresql://elsewhere/diary", "REDIS_URL": "redis://elsewhere/0"}
READY = "Dental Sync is running."


class Stage:
    """A folder with a Procfile, free ports, and the runs that were started there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.port, self.postgres_port, self.redis_port = free_port(), free_port(), free_port()
        self.runs: list[Run] = []
        (folder / "web.py").write_text(WEB)
        self.write_procfile(PROCFILE)

    def write_procfile(self, text: str) -> None:
        (self.folder / "Procfile").write_text(text)

    def run(self, *options: str, through: tuple[str, ...] = (), **settings: str) -> Run:
        run = Run(self, options, through, settings)
        self.runs.append(run)
        return run

    def passwords(self) -> Passwords:
        return Passwords.load_or_make(self.var / "passwords.json")

    def owner_url(self) -> str:
        return f"postgresql://dental_sync_owner:{self.passwords().owner}@127.0.0.1:{self.postgres_port}/dental_sync"

    def left_processes(self) -> list[psutil.Process]:
        """Everything that a run started, grandchildren and servers included."""
        mark = self.passwords().run_mark if (self.var / "passwords.json").exists() else "none"
        return [each for each in psutil.process_iter() if self._is_ours(each, mark)]

    def wait_until_nothing_is_left(self, within_seconds: float = 10) -> None:
        deadline = time.monotonic() + within_seconds
        while left := self.left_processes():
            assert time.monotonic() < deadline, left
            time.sleep(0.05)

    def _is_ours(self, process: psutil.Process, mark: str) -> bool:
        with suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                return False
            return str(self.folder) in process.cwd() or process.environ().get(MARK) == mark
        return False


class Run:
    """One `dental-sync run` and what it has said so far."""

    def __init__(
        self, stage: Stage, options: tuple[str, ...], through: tuple[str, ...], settings: dict[str, str]
    ) -> None:
        outside = ("DATABASE_URL", "REDIS_URL", "PORT", "MAKELEVEL", "MAKEFLAGS")
        ours = {
            "DENTAL_SYNC_VAR": str(stage.var),
            "PORT": str(stage.port),
            "DENTAL_SYNC_POSTGRES_PORT": str(stage.postgres_port),
            "DENTAL_SYNC_REDIS_PORT": str(stage.redis_port),
        }
        self.process = subprocess.Popen(
            [*through, sys.executable, "-m", "dental_sync.cli", "run", "--no-seed", "--procfile", "Procfile", *options],
            cwd=stage.folder,
            env={**{k: v for k, v in os.environ.items() if k not in outside}, **ours, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        self.complained = ""
        self._listeners = [
            threading.Thread(target=listen, daemon=True) for listen in (self._listen, self._listen_to_complaints)
        ]
        for listener in self._listeners:
            listener.start()

    def wait_until_it_says(self, text: str, within_seconds: float = 30) -> None:
        deadline = time.monotonic() + within_seconds
        while text not in self.said:
            silent = not self._listeners[0].is_alive() or time.monotonic() > deadline
            assert not silent or text in self.said, f"never said {text!r}, but:\n{self.said}\n{self.complained}"
            time.sleep(0.02)

    def end(self, within_seconds: float = 30) -> int:
        """Wait for its end; everything it said is in `said` and `complained` then."""
        for listener in self._listeners:
            listener.join(within_seconds)
        return self.process.wait(within_seconds)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.said += line

    def _listen_to_complaints(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                self.complained += line
