"""Delivery: each message once and in order, whatever Redis and the log do; log and rooms are of paper."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.sync import delivery as delivery_module
from dental_sync.sync.delivery import Delivery, Ping
from dental_sync.sync.message_queue import HEARTBEAT, QUEUE_CHANNEL, WRITES_DECIDED, QueueManager, WritingEnd
from tests.sync.fakes import DISK_FULL, MIA, NOAH, PaperLog, PaperRooms, a_delivery, message, revocation


def test_a_process_begins_at_the_head_of_the_log() -> None:
    """What was before it was born is for those who ask with `since`."""
    log, rooms = PaperLog(), PaperRooms()
    log.write(1, 2, 3)
    delivery = Delivery(log, rooms, look_seconds=1)
    assert not delivery.started.is_set()
    delivery.look()
    assert delivery.started.is_set()
    assert (delivery.position, delivery.epoch, rooms.told) == (3, "first", [])


def test_what_comes_in_order_is_passed_on_without_asking_the_log() -> None:
    """The fast path costs no query."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    for arrived in log.write(1, 2, 3):
        delivery.take(arrived)
    assert rooms.positions == [1, 2, 3]
    assert delivery.position == 3
    assert log.reads == 0


def test_a_hole_is_repaired_from_the_log_at_once_and_in_order() -> None:
    """Redis lost two: they are delivered before the one that came, and that one once."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    one, _, _, four, five = log.write(1, 2, 3, 4, 5)
    delivery.take(one)
    delivery.take(four)
    assert rooms.positions == [1, 2, 3, 4, 5]
    delivery.take(five)
    assert rooms.positions == [1, 2, 3, 4, 5]


def test_what_comes_twice_or_late_is_delivered_once() -> None:
    """Two lanes told it, or Redis brought it after the repair."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    one, two, three = log.write(1, 2, 3)
    for arrived in (one, one, three, two, three, one):
        delivery.take(arrived)
    assert rooms.positions == [1, 2, 3]


def test_a_lost_tail_is_found_by_the_next_look() -> None:
    """Nothing came through Redis at all, and nobody published it either."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.write(1)
    log.noted = [message(2), message(3)]
    delivery.look()
    assert rooms.positions == [1, 2, 3]
    assert log.noted == []


def test_a_long_repair_is_read_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was paused for an hour does not read an hour at once."""
    monkeypatch.setattr(delivery_module, "MESSAGES_AT_ONCE", 4)
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.write(*range(1, 11))
    delivery.look()
    assert rooms.positions == list(range(1, 11))
    assert log.reads == 3


def test_a_message_without_rooms_counts_and_is_sent_to_nobody() -> None:
    """A revocation has a position, and no socket hears it."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.messages += [message(1), revocation(2, "noah"), message(3)]
    delivery.look()
    assert rooms.told == [("message", 1), ("withdraw", "noah"), ("message", 3)]
    assert delivery.position == 3


def test_a_revocation_is_carried_out_before_the_next_message() -> None:
    """Through Redis as from the log: who lost the right does not hear what comes after."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.messages += [revocation(1, "noah"), message(2)]
    for arrived in log.messages:
        delivery.take(arrived)
    assert rooms.told == [("withdraw", "noah"), ("message", 2)]


def test_a_revocation_that_cannot_be_carried_out_holds_up_what_comes_after() -> None:
    """The database does not say whether the session stands: nothing is sent until it does."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.messages += [revocation(1, "noah"), message(2)]

    def fail() -> None:
        raise DISK_FULL

    rooms.meanwhile = fail
    for _ in range(2):
        with pytest.raises(OperationalError):
            delivery.look()
        with pytest.raises(OperationalError):
            delivery.take(log.messages[1])
    assert (rooms.told, delivery.position) == ([], 0)
    rooms.meanwhile = lambda: None
    delivery.look()
    assert rooms.told == [("withdraw", "noah"), ("message", 2)]


def test_an_error_of_the_database_leaves_the_position_where_it_was() -> None:
    """Nothing is skipped: the next look begins where this one failed."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.write(1, 2, 3)

    def fail() -> None:
        raise DISK_FULL

    log.meanwhile = fail
    with pytest.raises(OperationalError):
        delivery.look()
    with pytest.raises(OperationalError):
        delivery.take(log.messages[2])
    assert (delivery.position, rooms.told) == (0, [])
    log.meanwhile = lambda: None
    delivery.look()
    assert rooms.positions == [1, 2, 3]


# What comes through Redis.


def test_what_is_emitted_to_the_queue_reaches_delivery_as_what_it_is(servers: TemporaryServers) -> None:
    """Through real Redis, together and alone: a message, a heartbeat, outcomes; a look after each connection."""
    decided: list[Any] = []
    queue = QueueManager(servers.redis.url, on_decided=decided.append)
    worker = WritingEnd(servers.redis.url)
    arrived: list[Any] = []
    sent = message(7, MIA, NOAH)

    class Inbox:
        """Stands in for delivery."""

        def receive(self, *what: Any) -> None:
            """The first thing is the look that a fresh subscription asks for: now somebody listens."""
            arrived.extend(what)
            if what == (None,):
                with worker.together():
                    worker.emit(sent.type, sent.wire(), room=list(sent.channels))
                    worker.emit(HEARTBEAT, {"timestamp": "now"}, room="heartbeat")
                worker.redis.publish(QUEUE_CHANNEL, "this is not ours")
                worker.emit(WRITES_DECIDED, {"a": {"status": 201}})

    queue.delivery = Inbox()  # type: ignore[assignment]
    listening = queue._listen()
    for _ in range(3):
        # The library passes on what says what it is.
        if "method" in (emitted := next(listening)):
            queue._handle_emit(emitted)
    listening.close()
    assert arrived == [None, sent, Ping("now")]
    assert decided == [{"a": {"status": 201}}]
