"""Delivery as a process runs it: heartbeats, and going on after a failure."""

from __future__ import annotations

import pytest

from dental_sync.sync.delivery import Delivery, Ping
from dental_sync.sync.events import Message
from tests.sync.fakes import DISK_FULL, PaperLog, PaperRooms, running

# Heartbeats.


def test_the_heartbeat_says_how_far_this_process_has_delivered() -> None:
    """It passes through the same order as the messages, so a client may believe it."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = Delivery(log, rooms, look_seconds=0.01)
    with running(delivery, log) as until:
        until(delivery.started.is_set)
        for arrived in log.write(1, 2):
            delivery.receive(arrived)
        delivery.receive(Ping("now"))
        until(lambda: ("ping", ("now", 2, "first")) in rooms.told)
    assert rooms.told.index(("ping", ("now", 2, "first"))) > rooms.told.index(("message", 2))


# Running.


def test_delivery_goes_on_after_the_database_was_away(caplog: pytest.LogCaptureFixture) -> None:
    """A line in the log and no traceback; then everything that was missed."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = Delivery(log, rooms, look_seconds=0.01)
    failures: list[int] = []

    def fail() -> None:
        failures.append(1)
        raise DISK_FULL

    with running(delivery, log) as until:
        until(delivery.started.is_set)
        log.meanwhile = fail
        log.write(1, 2)
        until(lambda: len(failures) > 2)
        log.meanwhile = lambda: None
        log.write(3)
        until(lambda: rooms.positions == [1, 2, 3])
    assert "the log is not reachable" in caplog.text
    assert "Traceback" not in caplog.text


def test_delivery_goes_on_after_a_mistake(caplog: pytest.LogCaptureFixture) -> None:
    """A message that cannot be sent is written down, and tried again."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = Delivery(log, rooms, look_seconds=0.01)
    send, failures = rooms.send, [1, 2]

    def fail_at_first(sent: Message) -> None:
        if failures:
            failures.pop()
            raise RuntimeError("no such room")
        send(sent)

    rooms.send = fail_at_first  # type: ignore[method-assign]
    with running(delivery, log) as until:
        until(delivery.started.is_set)
        for arrived in log.write(1, 2):
            delivery.receive(arrived)
        until(lambda: rooms.positions == [1, 2])
    assert "no such room" in caplog.text
