"""Delivery: each message once and in order, whatever Redis, the log and the clients do; log and rooms are of paper."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio import RedisManager
from sqlalchemy.exc import OperationalError

from dental_sync.core.errors import Unauthorized, Unavailable
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.sync import delivery as delivery_module
from dental_sync.sync.delivery import Delivery, Ping
from dental_sync.sync.events import Message
from dental_sync.sync.log import Head
from dental_sync.sync.message_queue import HEARTBEAT, QUEUE_CHANNEL, WRITES_DECIDED, QueueManager
from dental_sync.sync.shapes import AccountRevoked
from tests import plain_sql

MIA, NOAH = "appointments:patient:mia", "appointments:patient:noah"
DISK_FULL = OperationalError("SELECT", {}, Exception("the disk is full"))


def message(position: int, *channels: str, epoch: str = "first", kind: str = "appointment:created") -> Message:
    """A message of the log."""
    return Message(position, epoch, kind, list(channels or (MIA,)), {"n": position}, "2025-11-11T12:00:00.000Z")


def revocation(position: int, user_id: str) -> Message:
    """The message that an account lost a right."""
    return Message(position, "first", AccountRevoked.type, [], {"userId": user_id}, "2025-11-11T12:00:00.000Z")


@dataclass
class PaperLog:
    """A log in memory; `noted` is what the next publication numbers."""

    epoch: str = "first"
    messages: list[Message] = field(default_factory=list)
    pruned_through: int = 0
    noted: list[Message] = field(default_factory=list)
    # Called at the beginning of each read: what happens in the meantime, or an error.
    meanwhile: Callable[[], None] = lambda: None
    reads: int = 0

    def write(self, *numbers: int, **facts: Any) -> list[Message]:
        """Append messages of these positions."""
        written = [message(number, epoch=self.epoch, **facts) for number in numbers]
        self.messages += written
        return written

    def publish(self) -> None:
        """Number what was noted."""
        self.messages += self.noted
        self.noted = []

    def head(self) -> Head:
        """Where it ends."""
        return Head(
            self.messages[-1].position if self.messages else self.pruned_through, self.pruned_through, self.epoch
        )

    def read(
        self, *, since: int, limit: int, channels: Sequence[str] | None = None, through: int | None = None
    ) -> list[Message]:
        """As the real one."""
        self.reads += 1
        self.meanwhile()
        return [
            m
            for m in self.messages
            if m.position > since
            and m.position > self.pruned_through
            and (through is None or m.position <= through)
            and (channels is None or set(channels) & set(m.channels))
        ][:limit]

    def page(self, *, since: int, through: int, limit: int, channel: str) -> tuple[list[Message], int]:
        """As the real one."""
        return self.read(since=since, limit=limit, channels=[channel], through=through), self.pruned_through

    def begin_epoch(self) -> None:
        """Another log."""
        self.pruned_through = self.head().position
        self.messages, self.epoch = [], self.epoch + "'"


@dataclass
class PaperRooms:
    """Rooms that write down what they are told."""

    told: list[tuple[str, Any]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def let_them_read(self) -> None:
        """They always do."""

    def send(self, message: Message) -> None:
        """To its rooms."""
        self.told.append(("message", message.position))

    def ping(self, timestamp: str, position: int, epoch: str) -> None:
        """To everybody."""
        self.told.append(("ping", (timestamp, position, epoch)))

    def resync(self, reason: str) -> None:
        """To everybody."""
        self.told.append(("resync", reason))

    def withdraw(self, user_id: str) -> None:
        """From one."""
        self.meanwhile()
        self.told.append(("withdraw", user_id))

    @property
    def positions(self) -> list[int]:
        """What was sent."""
        return [what for kind, what in self.told if kind == "message"]


def a_delivery(log: PaperLog, rooms: PaperRooms) -> Delivery:
    """A delivery that has seen the log as it is."""
    delivery = Delivery(log, rooms, look_seconds=0.01)
    delivery.look()
    return delivery


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


# Another log.


def test_another_epoch_sends_everybody_for_a_snapshot() -> None:
    """And goes on from the head of the new log, seen first by a look or in a message."""
    for seen_by in ("look", "message"):
        log, rooms = PaperLog(), PaperRooms()
        log.write(1, 2)
        delivery = a_delivery(log, rooms)
        log.begin_epoch()
        [three] = log.write(3)
        if seen_by == "look":
            delivery.look()
        else:
            delivery.take(three)
        assert [kind for kind, _ in rooms.told] == ["resync"]
        assert (delivery.position, delivery.epoch) == (3, "first'")
        [four] = log.write(4)
        delivery.take(four)
        assert rooms.positions == [4]


def test_a_message_of_the_old_log_that_comes_late_is_not_delivered() -> None:
    """Whatever its position says: it counts in another log."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.begin_epoch()
    delivery.look()
    rooms.told.clear()
    delivery.take(message(1, epoch="first"))
    assert (rooms.positions, delivery.position) == ([], 0)


def test_a_head_that_went_back_is_another_log() -> None:
    """A replica took over that had not seen the end: positions would be given a second time."""
    log, rooms = PaperLog(), PaperRooms()
    log.write(1, 2, 3)
    delivery = a_delivery(log, rooms)
    del log.messages[2]
    delivery.look()
    assert log.epoch == "first'"
    assert [kind for kind, _ in rooms.told] == ["resync"]
    assert (delivery.position, delivery.epoch) == (2, "first'")


def test_a_process_that_slept_beyond_the_retention_says_resync() -> None:
    """What it missed has been pruned, so it cannot repair, and says so instead of going on in silence."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.write(*range(1, 8))
    log.pruned_through = 5
    delivery.look()
    assert [kind for kind, _ in rooms.told] == ["resync"]
    assert delivery.position == 7


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


class Stopped(BaseException):
    """Ends a delivery, which would run for ever."""


@contextmanager
def running(delivery: Delivery, log: PaperLog) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Deliver in a thread; gives a way to wait until something is so."""
    looked = threading.Condition()
    publish, stop = log.publish, threading.Event()

    def publish_and_tell() -> None:
        if stop.is_set():
            raise Stopped
        with looked:
            looked.notify_all()
        publish()

    log.publish = publish_and_tell  # type: ignore[method-assign]

    def run() -> None:
        with suppress(Stopped):
            delivery.run()

    thread = threading.Thread(target=run)
    thread.start()

    def until(is_so: Callable[[], bool]) -> None:
        with looked:
            assert looked.wait_for(is_so, timeout=plain_sql.PATIENCE_SECONDS)

    try:
        yield until
    finally:
        stop.set()
        delivery.receive(None)
        thread.join()


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


# Joining.


@dataclass
class Client:
    """A socket that joins a room: gets what `send` brings, and from then on what the room gets."""

    delivery: Delivery
    rooms: PaperRooms
    got: list[int] = field(default_factory=list)
    is_in: bool = False

    def join(self, since: int | None, epoch: str | None = None, channel: str = MIA) -> delivery_module.Joined:
        """Subscribe."""
        return self.delivery.join(
            channel,
            since=since,
            epoch=epoch,
            authorize=lambda: None,
            send=lambda sent: self.got.append(sent.position),
            enter_room=self._enter,
        )

    def _enter(self) -> None:
        self.is_in = True
        send = self.rooms.send

        def send_to_me_too(sent: Message) -> None:
            send(sent)
            if MIA in sent.channels:
                self.got.append(sent.position)

        self.rooms.send = send_to_me_too  # type: ignore[method-assign]


def test_who_joins_without_since_hears_what_follows() -> None:
    """And is told from which position on."""
    log, rooms = PaperLog(), PaperRooms()
    log.write(1, 2)
    delivery = a_delivery(log, rooms)
    client = Client(delivery, rooms)
    assert client.join(None) == delivery_module.Joined(2, "first", 0, resync=False)
    for arrived in log.write(3, 4):
        delivery.take(arrived)
    assert client.got == [3, 4]


def test_who_joins_with_since_gets_what_was_missed_in_that_channel_and_then_what_follows() -> None:
    """Other rooms' messages are passed over and counted all the same."""
    log, rooms = PaperLog(), PaperRooms()
    log.messages = [message(1), message(2), message(3, NOAH), message(4), message(5, NOAH)]
    delivery = a_delivery(log, rooms)
    client = Client(delivery, rooms)
    assert client.join(1, "first") == delivery_module.Joined(5, "first", 2, resync=False)
    assert client.got == [2, 4]
    delivery.take(message(6))
    assert client.got == [2, 4, 6]


@pytest.mark.parametrize(("since", "epoch"), [(1, None), (9, None), (5, "another"), (5, "")])
def test_who_asks_for_what_the_log_has_not_joins_and_is_sent_for_a_snapshot(since: int, epoch: str | None) -> None:
    """Pruned, beyond the end, of another log: nothing is replayed, and nothing that follows is missed."""
    log, rooms = PaperLog(), PaperRooms()
    log.write(*range(1, 7))
    delivery = a_delivery(log, rooms)
    log.pruned_through = 3
    client = Client(delivery, rooms)
    assert client.join(since, epoch) == delivery_module.Joined(6, "first", 0, resync=True)
    delivery.take(log.write(7)[0])
    assert client.got == [7]


def test_what_is_pruned_beneath_a_replay_is_not_passed_over_in_silence() -> None:
    """Between the look at the head and the read the oldest messages went: the client must fetch a snapshot."""
    log, rooms = PaperLog(), PaperRooms()
    log.write(*range(1, 7))
    delivery = a_delivery(log, rooms)

    def prune() -> None:
        log.pruned_through = 4

    log.meanwhile = prune
    client = Client(delivery, rooms)
    joined = client.join(2)
    assert joined.resync
    assert client.is_in
    assert (delivery.tally.replays, delivery.tally.replayed, delivery.tally.resyncs) == (1, 0, 1)


@given(
    since=st.integers(0, 20),
    arrivals=st.lists(st.lists(st.sampled_from([MIA, NOAH]), max_size=6), max_size=6),
    page=st.integers(1, 5),
    after=st.lists(st.sampled_from([MIA, NOAH]), max_size=4),
)
def test_whatever_arrives_during_a_replay_comes_once_and_in_order(
    since: int, arrivals: list[list[str]], page: int, after: list[str]
) -> None:
    """Before, between and after the pages: replay and live messages fit together without a gap or a repetition."""
    log, rooms = PaperLog(), PaperRooms()
    log.messages = [message(n, MIA if n % 3 else NOAH) for n in range(1, 21)]
    delivery = a_delivery(log, rooms)
    client = Client(delivery, rooms)
    waiting = list(arrivals)

    def arrive(rooms_of_messages: list[str]) -> None:
        for room in rooms_of_messages:
            log.messages.append(message(len(log.messages) + 1, room))
            delivery.take(log.messages[-1])

    log.meanwhile = lambda: arrive(waiting.pop(0)) if waiting else None
    at_once = delivery_module.MESSAGES_AT_ONCE
    delivery_module.MESSAGES_AT_ONCE = page
    try:
        joined = client.join(since)
    finally:
        delivery_module.MESSAGES_AT_ONCE = at_once
    assert joined.replayed == len(client.got)
    assert joined.position == delivery.position
    arrive(after)
    assert client.got == [m.position for m in log.messages if m.position > since and MIA in m.channels]


def test_many_who_join_while_messages_pour_in_each_get_everything_once() -> None:
    """With real threads: eight clients resume while a ninth thread delivers."""
    log, rooms = PaperLog(), PaperRooms()
    log.write(*range(1, 101))
    delivery = a_delivery(log, rooms)
    clients = [Client(delivery, rooms) for _ in range(8)]
    barrier = threading.Barrier(len(clients) + 1, timeout=plain_sql.PATIENCE_SECONDS)

    def resume(client: Client, since: int) -> None:
        barrier.wait()
        client.join(since)

    threads = [threading.Thread(target=resume, args=(client, 10 * n)) for n, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    barrier.wait()
    for number in range(101, 1001):
        delivery.take(log.write(number)[0])
    for thread in threads:
        thread.join()
    for n, client in enumerate(clients):
        assert client.got == list(range(10 * n + 1, 1001))


def test_who_lost_the_right_during_a_replay_does_not_get_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked before each part: what it raises ends the replay, and the room stays closed."""
    monkeypatch.setattr(delivery_module, "MESSAGES_AT_ONCE", 2)
    log, rooms = PaperLog(), PaperRooms()
    log.write(*range(1, 9))
    delivery = a_delivery(log, rooms)
    got: list[int] = []

    def authorize() -> None:
        if len(got) >= 4:
            raise Unauthorized

    def enter_room() -> None:
        raise AssertionError("the room should stay closed")

    with pytest.raises(Unauthorized):
        delivery.join(
            MIA,
            since=0,
            epoch=None,
            authorize=authorize,
            send=lambda sent: got.append(sent.position),
            enter_room=enter_room,
        )
    assert got == [1, 2, 3, 4]


def test_a_replay_that_another_log_interrupts_ends_with_a_resync() -> None:
    """What was sent was true; what follows is told by the new log alone."""
    log, rooms = PaperLog(), PaperRooms()
    log.write(*range(1, 6))
    delivery = a_delivery(log, rooms)

    def restart() -> None:
        log.meanwhile = lambda: None
        log.begin_epoch()
        delivery.look()

    log.meanwhile = restart
    client = Client(delivery, rooms)
    joined = client.join(2)
    assert joined.resync
    assert (joined.position, joined.epoch) == (5, "first'")
    assert client.is_in
    assert (delivery.tally.replays, delivery.tally.resyncs, delivery.tally.restarts) == (1, 1, 1)


def test_a_process_that_is_behind_catches_up_before_it_lets_a_client_in() -> None:
    """The client has seen more than this process: it must not join at a position that it has passed."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = Delivery(log, rooms, look_seconds=30)
    with running(delivery, log) as until:
        until(delivery.started.is_set)
        log.write(1, 2, 3)
        client = Client(delivery, rooms)
        assert client.join(2) == delivery_module.Joined(3, "first", 1, resync=False)
        assert client.got == [3]
    assert rooms.positions == [1, 2, 3]


def test_a_process_that_cannot_reach_the_log_lets_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so after a while, and the client tries elsewhere."""
    monkeypatch.setattr(delivery_module, "CATCH_UP_SECONDS", 0.05)
    log, rooms = PaperLog(), PaperRooms()
    delivery = Delivery(log, rooms, look_seconds=30)
    client = Client(delivery, rooms)
    with pytest.raises(Unavailable):
        client.join(None)
    delivery.look()
    log.write(1, 2)
    with pytest.raises(Unavailable):
        client.join(2)
    assert not client.is_in


def test_more_replays_than_a_process_does_at_once_wait_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """One client reads slowly: the next is let in after it, and turned away when that takes too long."""
    monkeypatch.setattr(delivery_module, "REPLAYS_AT_ONCE", 1)
    monkeypatch.setattr(delivery_module, "CATCH_UP_SECONDS", 0.05)
    log, rooms = PaperLog(), PaperRooms()
    log.write(1, 2)
    delivery = a_delivery(log, rooms)
    slow, other = Client(delivery, rooms), Client(delivery, rooms)
    refusals: list[Unavailable] = []

    def somebody_else_comes() -> None:
        log.meanwhile = lambda: None
        try:
            other.join(0)
        except Unavailable as refusal:
            refusals.append(refusal)

    log.meanwhile = somebody_else_comes
    assert slow.join(0).replayed == 2
    assert len(refusals) == 1
    assert other.join(0).replayed == 2


# What comes through Redis.


def test_what_is_emitted_to_the_queue_reaches_delivery_as_what_it_is(servers: TemporaryServers) -> None:
    """Through real Redis: a message, a heartbeat, outcomes of writes; and a look after each (re)connection."""
    decided: list[Any] = []
    queue = QueueManager(servers.redis.url, on_decided=decided.append)
    worker = RedisManager(servers.redis.url, channel=QUEUE_CHANNEL, write_only=True)
    arrived: list[Any] = []
    sent = message(7, MIA, NOAH)

    class Inbox:
        """Stands in for delivery."""

        def receive(self, what: Any) -> None:
            """The first thing is the look that a fresh subscription asks for: now somebody listens."""
            arrived.append(what)
            if what is None:
                worker.emit(sent.type, sent.wire(), room=list(sent.channels))
                worker.emit(HEARTBEAT, {"timestamp": "now"}, room="heartbeat")
                worker.emit(WRITES_DECIDED, {"a": {"status": 201}})

    queue.delivery = Inbox()  # type: ignore[assignment]
    listening = queue._listen()
    for _ in range(3):
        queue._handle_emit(json.loads(next(listening)))
    listening.close()
    assert arrived == [None, sent, Ping("now")]
    assert decided == [{"a": {"status": 201}}]
