"""Who joins a room during delivery: what was missed, then what follows, each message once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dental_sync.core.errors import Unauthorized, Unavailable
from dental_sync.sync import delivery as delivery_module
from dental_sync.sync.delivery import Delivery
from dental_sync.sync.events import Message
from tests import plain_sql
from tests.sync.fakes import MIA, NOAH, PaperLog, PaperRooms, a_delivery, message, running


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
