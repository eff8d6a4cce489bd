"""The end of a web process: nobody is let in any more, and who was let in is answered."""

from __future__ import annotations

import threading
import time

from dental_sync.monitoring.in_flight import RequestsInFlight
from dental_sync.processes.drain import Door, close_and_finish


def seconds_to_finish(in_flight: RequestsInFlight, seconds: float) -> float:
    """How long it takes; the door is closed once."""
    closed: list[float] = []
    began = time.monotonic()
    close_and_finish(Door(lambda: closed.append(time.monotonic())), in_flight, seconds=seconds)
    assert len(closed) == 1
    return time.monotonic() - began


def test_a_call_that_is_being_answered_is_waited_for() -> None:
    """It was let in a moment before the door was closed."""
    in_flight = RequestsInFlight(lambda _environ, _start: [])
    in_flight.count = 1
    threading.Timer(1.0, in_flight._finished).start()
    assert 1.0 <= seconds_to_finish(in_flight, 10) < 5


def test_a_call_that_is_never_answered_is_not_waited_for_for_ever() -> None:
    """Whoever stops the process has a limit too."""
    in_flight = RequestsInFlight(lambda _environ, _start: [])
    in_flight.count = 1
    assert 1.0 <= seconds_to_finish(in_flight, 1) < 5
