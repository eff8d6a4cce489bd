"""The one thread: what it is given, and what falls due, one after the other."""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from dental_sync_client import subscription
from dental_sync_client.runtime import Work

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(order=True, slots=True)
class _Due:
    at: float
    number: int
    work: Work = field(compare=False)
    is_called_off: bool = field(default=False, compare=False)

    def call_off(self) -> None:
        self.is_called_off = True

    def run(self) -> None:
        if not self.is_called_off:
            self.work()


class Loop:
    """Works in a thread of its own from `start` to `stop`; every thread may `put`."""

    def __init__(self) -> None:
        self._inbox: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._due: list[_Due] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._is_stopped = False

    def start(self, failed: Work, finish: Work) -> None:
        """Begin; `failed` follows work that has raised, `finish` is the last that is done."""
        self._thread = threading.Thread(target=self._run, args=[failed, finish], name="dental-sync-client", daemon=True)
        self._thread.start()

    @property
    def is_started(self) -> bool:
        """Whether there is a thread, or was one."""
        return self._thread is not None

    def put(self, work: Work) -> None:
        """Have something done in its turn."""
        self._inbox.put(work)

    def later(self, seconds: float, work: Work) -> Work:
        """Have something done after a time, from within the thread; returns what calls it off."""
        due = _Due(time.monotonic() + seconds, next(self._numbers), work)
        heapq.heappush(self._due, due)
        return due.call_off

    def fetch(
        self, ask: Callable[[], T | Awaitable[T]], then: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Have something done that takes time, at once: nothing is told meanwhile."""
        try:
            # Nothing here can be awaited; AsyncRealtimeSync is for what can.
            found = cast("T", ask())
        except Exception as failure:
            failed(failure)
        else:
            then(found)

    def call(self, callback: Callable[..., Any] | None, *arguments: object) -> None:
        """Call back at once."""
        subscription.call(callback, *arguments)

    def stop(self) -> None:
        """Do nothing more after what is being done now."""
        self._is_stopped = True
        self._inbox.put(None)

    def join(self, seconds: float) -> None:
        """Wait for its end, unless from within."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self, failed: Work, finish: Work) -> None:
        try:
            while not self._is_stopped:
                work = self._next()
                if work is not None:
                    try:
                        work()
                    except Exception:
                        logger.exception("unexpected: the connection is given up")
                        failed()
        finally:
            finish()

    def _next(self) -> Work | None:
        while True:
            wait = self._due[0].at - time.monotonic() if self._due else None
            if wait is not None and wait <= 0:
                # Behind what has arrived already: a callback that took long must not make a heartbeat that waits to be
                # read look like silence.
                self._inbox.put(heapq.heappop(self._due).run)
                continue
            try:
                return self._inbox.get(timeout=wait)
            except queue.Empty:
                continue
