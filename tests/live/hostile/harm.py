"""What clients do that mean harm, and the client that must not notice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from ..javascript import JsClient
from ..raw import RawConnection
from ..system import System

IDLE_SECONDS = 3
# More than are delivered in one breath, so that only who does not read ever has so many.
QUEUE_MESSAGES = 1000
SETTINGS = {"IDLE_SECONDS": str(IDLE_SECONDS), "CLIENT_QUEUE_MESSAGES": str(QUEUE_MESSAGES)}
# On a machine of its own it takes a tenth of that; before the limits were there it took eleven.
IN_TIME_SECONDS = 5.0
# A machine that is taken away for some seconds is no fault of ours; harm that goes on is met at each of them.
TRIES = 3
EVERYWHERE = "availability:all"


@contextmanager
def raw(system: System, count: int = 1) -> Iterator[list[RawConnection]]:
    """So many connections to the first web process, closed at the end."""
    with ExitStack() as closing:
        yield [closing.enter_context(RawConnection(system.ports[0])) for _ in range(count)]


def is_served_in_time(system: System, witness: JsClient) -> None:
    """A booking over the first web process is answered, and heard there, within the time in one of a few tries."""
    took = [_seconds_of_a_booking(system, witness)]
    while took[-1] >= IN_TIME_SECONDS:
        assert len(took) < TRIES, f"it took {took} s"
        took.append(_seconds_of_a_booking(system, witness))


def _seconds_of_a_booking(system: System, witness: JsClient) -> float:
    """How long one takes until it is answered and heard."""
    began = time.monotonic()
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    made = system.account("patient1").done("POST", "/appointments", body)
    witness.wait_for_event("availability:changed", lambda event: event["availability"]["from"] == made["startsAt"])
    return time.monotonic() - began


def close_the_practice(system: System, times: int) -> None:
    """So many messages for everybody at once, of days long past."""
    with system.owner() as cursor:
        cursor.execute(
            "INSERT INTO closures (starts_at, ends_at) SELECT day, day + interval '1 hour' FROM generate_series("
            "timestamptz '2001-01-01', timestamptz '2001-01-01' + (%s - 1) * interval '1 hour', interval '1 hour') day",
            [times],
        )


def flood(connection: RawConnection, data: bytes, *, seconds: float) -> float:
    """Send the same again and again until the other side hangs up; returns after how many seconds that was."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        try:
            connection.send(data)
        except TimeoutError:
            continue
        except OSError:
            break
    return passed
