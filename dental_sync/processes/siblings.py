"""Several web processes on one port (`WEB_PROCESSES`): their parent, which starts them, minds them and ends them.

All of them accept from one socket that the parent has made, so a process that stops takes no waiting caller with it.
The parent imports what they need and forks, so they share that memory; it serves nothing itself.
"""

from __future__ import annotations

import importlib
import logging
import mmap
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from types import ModuleType
from typing import NoReturn

from dental_sync.core.config import Settings
from dental_sync.processes import memory
from dental_sync.processes.drain import LAST_CALLS_SECONDS
from dental_sync.processes.listening import listen

logger = logging.getLogger(__name__)

# The loads of a process that stops, and of one that has not begun to serve.
TAKES_NOBODY = 2**62
NOT_YET = TAKES_NOBODY + 1
# What a web process imports while its app is made, beside what the parent has imported by itself.
_PRELOADED = (
    "dental_sync.processes.caller_address",
    "dental_sync.processes.eventlet_server",
    "dental_sync.processes.forwarded_prefix",
    "dental_sync.processes.handing_on",
    "dental_sync.processes.web",
)
_SID = re.compile(rb"[A-Z]+ [^ ]*/socket\.io/\?(?:[^ ]*&)?sid=[^ &]*\.([0-9]{1,3})[ &]")
_ASKED_TO_STOP = (signal.SIGTERM, signal.SIGINT)
_HEEDED = (*_ASKED_TO_STOP, signal.SIGCHLD)


@dataclass(frozen=True, slots=True)
class Place:
    """One of the web processes, as it is started, and started again."""

    number: int
    # The socket of all, from which callers are accepted.
    shared: socket
    # From which it receives the connections that its siblings hand on, and by which it hands one on to each of them.
    inbox: socket
    outboxes: tuple[socket, ...]
    # Has an end when the parent has ended.
    parent: socket
    # How many connections each of them has.
    loads: memoryview


def of_place(transport_id: str, place: Place) -> str:
    """The id of a transport that says whose it is."""
    return f"{transport_id}.{place.number}"


def owner_of(head: bytes) -> int | None:
    """The number of the process whose transport a request is about, by its first line; None where it says none."""
    found = _SID.match(head)
    return None if found is None else int(found[1])


Serve = Callable[[Place], NoReturn]
# `os` and `socket`.
Modules = tuple[ModuleType, ModuleType]


class Siblings:
    """The web processes of one port."""

    def __init__(self, settings: Settings, serve: Serve, modules: Modules) -> None:
        """`modules` are as they were before an event loop replaced their functions: the parent has none."""
        self._settings = settings
        self._serve = serve
        self._os, sockets = modules
        self._shared = listen(settings.host, settings.port, by=sockets)
        self._parent, seen_by_all = sockets.socketpair()
        count = settings.web_processes
        pairs = [sockets.socketpair(sockets.AF_UNIX, sockets.SOCK_SEQPACKET) for _ in range(count)]
        outboxes = tuple(outbox for _, outbox in pairs)
        loads = memoryview(mmap.mmap(-1, 8 * count)).cast("q")
        self._places = [
            Place(number, self._shared, inbox, outboxes, seen_by_all, loads) for number, (inbox, _) in enumerate(pairs)
        ]
        # By process id.
        self._running: dict[int, Place] = {}

    def run(self) -> int:
        """Serve until stopped; returns the exit status."""
        for name in _PRELOADED:
            importlib.import_module(name)
        memory.settle()
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEEDED)
        for place in self._places:
            self._start(place)
        while True:
            if signal.sigwait(_HEEDED) in _ASKED_TO_STOP:
                return self._stop()
            for ended in self._ended():
                if not self._replace(*ended):
                    self._kill()
                    return 1

    def _start(self, place: Place) -> None:
        place.loads[place.number] = NOT_YET
        pid = self._os.fork()
        if pid == 0:
            self._parent.close()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEEDED)
            self._serve(place)
        self._running[pid] = place

    def _replace(self, place: Place, status: int) -> bool:
        """Start another one in its place; False where this one could not even begin: the next could not, either."""
        logger.warning("web process %d ended by itself (exit status %d)", place.number, status)
        if place.loads[place.number] == NOT_YET:
            return False
        self._start(place)
        return True

    def _ended(self) -> list[tuple[Place, int]]:
        """Which have ended: their places, and their exit status."""
        found = []
        while self._running:
            pid, status = self._os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            found.append((self._running.pop(pid), os.waitstatus_to_exitcode(status)))
        return found

    def _stop(self) -> int:
        """Let one after the other stop, so that the others serve meanwhile, within DRAIN_SECONDS for all of them."""
        each = (self._settings.drain_seconds + LAST_CALLS_SECONDS) / len(self._places)
        for pid, place in sorted(self._running.items(), key=lambda running: -running[1].number):
            if pid not in self._running:
                continue
            if place.number == 0:
                # The last one closes the door: nobody else holds it open.
                self._shared.close()
            os.kill(pid, signal.SIGTERM)
            if not self._has_ended_within(pid, each):
                self._kill()
                return 1
        return 0

    def _has_ended_within(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while pid in self._running:
            heard = signal.sigtimedwait(_HEEDED, max(0.0, deadline - time.monotonic()))
            if heard is None or heard.si_signo in _ASKED_TO_STOP:
                return False
            self._ended()
        return True

    def _kill(self) -> None:
        for pid in list(self._running):
            os.kill(pid, signal.SIGKILL)
            self._os.waitpid(pid, 0)


def run(settings: Settings, serve: Serve, modules: Modules) -> NoReturn:
    """Run as many as the settings say until stopped; each of them is `serve`, in a process of its own."""
    try:
        siblings = Siblings(settings, serve, modules)
    except OSError as failure:
        sys.exit(f"dental-sync: {failure.strerror}")
    sys.exit(siblings.run())
