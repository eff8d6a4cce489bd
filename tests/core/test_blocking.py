"""Work that holds the processor: how much of it runs at once, who waits, and who is sent away."""

from __future__ import annotations

import _thread
import os
import sys
import threading
from collections.abc import Callable

import pytest

from dental_sync.core import blocking
from dental_sync.core.blocking import LOWEST_NICENESS, MOST_PLACES, NICENESS, Places, in_a_low_thread, processors
from dental_sync.core.errors import Unavailable


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    """Begin the work."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_one_place_less_than_processors_and_at_least_one_is_worked_in() -> None:
    """So many hold a place at once; the next one waits."""
    places = Places(longest_wait_seconds=0.01)
    held = [places.one() for _ in range(min(max(1, processors() - 1), MOST_PLACES))]
    for place in held:
        place.__enter__()
    with pytest.raises(Unavailable), places.one():
        pytest.fail("there was one place too many")
    held[0].__exit__(None, None, None)
    with places.one():
        pass


def test_a_machine_of_many_processors_hashes_three_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MiB, and a plan that shows many processors may have 512 MB."""
    monkeypatch.setattr(blocking, "processors", lambda: 64)
    places = Places(longest_wait_seconds=0.01)
    with places.one(), places.one(), places.one(), pytest.raises(Unavailable), places.one():
        pass


def test_who_waits_gets_the_place_that_becomes_free() -> None:
    """Nobody is sent away while the queue moves."""
    places = Places(1)
    inside, at_work = [], threading.Event()

    def work() -> None:
        with places.one():
            inside.append(1)
            assert at_work.wait(10)

    threads = [in_a_thread(work) for _ in range(5)]
    at_work.set()
    for thread in threads:
        thread.join(10)
    assert len(inside) == 5


def test_who_finds_the_queue_full_is_told_at_once_to_come_back() -> None:
    """503 with Retry-After, and the place in the queue is given back by who leaves it."""
    places = Places(1, longest_queue=1, longest_wait_seconds=30)
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        with places.one():
            pass

    with places.one():
        thread = in_a_thread(wait)
        assert waiting.wait(10)
        for _ in range(1_000):
            if places._waiting:
                break
            threading.Event().wait(0.01)
        with pytest.raises(Unavailable) as refused, places.one():
            pytest.fail("there was no room in the queue")
    assert refused.value.status == 503
    assert int(refused.value.headers["Retry-After"]) >= 1
    thread.join(10)
    with places.one():
        pass


def test_a_place_is_given_back_by_work_that_failed() -> None:
    """Else a few wrong hashes would end all signing in."""
    places = Places(1, longest_wait_seconds=0.01)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), places.one():
            raise ZeroDivisionError
    with places.one():
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a priority is the whole process's")
def test_a_low_thread_gives_way_and_the_others_keep_their_priority() -> None:
    """The priority of the thread that works is lowered, and nobody else's."""

    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = priority()
    assert in_a_low_thread(_thread, priority) == min(LOWEST_NICENESS, before + NICENESS)
    assert priority() == before


def test_a_low_thread_hands_over_what_the_work_returns_and_raises() -> None:
    """As if it had been called."""
    assert in_a_low_thread(_thread, divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        in_a_low_thread(_thread, divmod, 7, 0)
