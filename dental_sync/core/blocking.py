"""Work that holds the processor: done where it stalls no socket, and no more of it at once than leaves room for others.

A process of many sockets runs on one thread, so such work goes to another one. Computing what is free is short and
somebody looks at a page meanwhile. Hashing a password is slow on purpose and takes 64 MiB, and a whole practice signs
in at eight: it waits for a place, and its thread has a low priority. Nobody may hold a database connection meanwhile.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from dental_sync.core import services
from dental_sync.core.errors import Unavailable

Result = TypeVar("Result")

# However many processors there are: with three, 192 MiB, a process still fits a plan of 512 MB.
MOST_PLACES = 3
# How many may wait for a place to hash in, and for how long: a practice's morning, and no more than callers will wait.
LONGEST_QUEUE = 200
LONGEST_WAIT_SECONDS = 15.0
# What a thread that hashes is set back by (see nice(1)): everybody else's work comes first, on every processor.
NICENESS = 5
LOWEST_NICENESS = 19


def _inline(work: Callable[..., Any], *arguments: Any) -> Any:
    return work(*arguments)


@dataclass(frozen=True, slots=True)
class Offload:
    """How a process does such work: at once, or in a thread where its sockets share one (an evented process).

    `run` is for what somebody waits for, `give_way` for what must not slow anybody down.
    """

    run: Callable[..., Any] = _inline
    give_way: Callable[..., Any] = _inline


class Places:
    """So many may work at once, and so many wait for their turn, in the order in which they came."""

    def __init__(
        self,
        places: int | None = None,
        *,
        longest_queue: int = LONGEST_QUEUE,
        longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        """`places` None is one less than there are processors, at least one and at most MOST_PLACES."""
        by_machine = min(max(1, processors() - 1), MOST_PLACES)
        self._places = threading.BoundedSemaphore(by_machine if places is None else places)
        self._longest_queue = longest_queue
        self._longest_wait_seconds = longest_wait_seconds
        self._lock = threading.Lock()
        self._waiting = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place; raises Unavailable when too many wait already, or it took too long."""
        with self._lock:
            if self._waiting >= self._longest_queue:
                raise Unavailable("Too many people are signing in; try again shortly.")
            self._waiting += 1
        try:
            got_one = self._places.acquire(timeout=self._longest_wait_seconds)
        finally:
            with self._lock:
                self._waiting -= 1
        if not got_one:
            raise Unavailable("Too many people are signing in; try again shortly.")
        try:
            yield
        finally:
            self._places.release()


def run_blocking(work: Callable[..., Result], *arguments: Any) -> Result:
    """Do work that somebody waits for as the current app's process does it; returns and raises what the work does."""
    result: Result = services.current(Offload).run(work, *arguments)
    return result


def run_in_turn(work: Callable[..., Result], *arguments: Any) -> Result:
    """Do work that gives way to all other, when there is a place for it; returns and raises what the work does.

    Raises Unavailable when there is no place for 15 s, or when 200 wait for one.
    """
    with services.current(Places).one():
        result: Result = services.current(Offload).give_way(work, *arguments)
        return result


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_a_low_thread(threads: ModuleType, work: Callable[..., Result], *arguments: Any) -> Result:
    """Do the work in a thread of its own, of low priority; returns and raises what the work does.

    Of its own, because a priority that was lowered cannot be raised again. `threads` is `_thread` of the standard
    library as it was before anything was patched; the calling thread is blocked meanwhile.
    """
    results: list[Result] = []
    failures: list[BaseException] = []
    done = threads.allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            _lower_priority(threads.get_native_id())
            results.append(work(*arguments))
        except BaseException as failure:
            failures.append(failure)
        finally:
            done.release()

    threads.start_new_thread(run, ())
    done.acquire()
    if failures:
        raise failures[0]
    return results[0]


def _lower_priority(thread_id: int) -> None:
    # Elsewhere a priority is the whole process's.
    if sys.platform == "linux":
        # From where the process stands: who may not raise a priority could not set one that is higher than its own.
        niceness = os.getpriority(os.PRIO_PROCESS, thread_id) + NICENESS
        os.setpriority(os.PRIO_PROCESS, thread_id, min(niceness, LOWEST_NICENESS))
