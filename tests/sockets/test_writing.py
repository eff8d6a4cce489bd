"""How packets leave: in order, several in one write, and without waiting for a client that does not read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dental_sync.sockets import writing
from dental_sync.sockets.writing import Framed, Outbox, Outgoing, text_frame


class Wire:
    """A client's end: it takes `room` bytes at once, and has more room each time that it is waited for."""

    def __init__(self, room: int = 1_000_000, *, more: int = 0) -> None:
        self.writes: list[bytes] = []
        self.closed_after: int | None = None
        self.was_given_up = False
        self.is_broken = False
        self._room = room
        self._more = more

    @property
    def got(self) -> bytes:
        return b"".join(self.writes)

    def write(self, data: bytes) -> int:
        if self.is_broken:
            raise BrokenPipeError
        written = data[: self._room]
        self._room -= len(written)
        if written:
            self.writes.append(written)
        return len(written)

    def wait_for_room(self) -> None:
        if not self._more:
            raise TimeoutError
        self._room += self._more

    def give_up(self) -> None:
        self.was_given_up = True

    def close(self) -> None:
        self.closed_after = len(self.got)


class Loop:
    """What runs beside everything else, and how often it gave way."""

    def __init__(self) -> None:
        self.arranged: list[Callable[[], Any]] = []
        self.gave_way = 0
        self.outgoing = Outgoing(self.arranged.append, self._sleep)

    def _sleep(self, _seconds: float) -> None:
        self.gave_way += 1

    def turn(self) -> None:
        """Let it run."""
        while self.arranged:
            self.arranged.pop(0)()


@pytest.fixture
def loop() -> Loop:
    """Nothing waits in it."""
    return Loop()


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (0, "81 00"),
        (125, "81 7d"),
        (126, "81 7e 00 7e"),
        (65_535, "81 7e ff ff"),
        (65_536, "81 7f 00 00 00 00 00 01 00 00"),
    ],
)
def test_a_frame_says_how_long_it_is_in_the_fewest_bytes(length: int, head: str) -> None:
    """RFC 6455, 5.2: on both sides of each limit, counted in bytes and not in letters."""
    assert text_frame("a" * length) == bytes.fromhex(head) + b"a" * length
    text = "\u00e4" * (length // 2) + "a" * (length % 2)
    assert text_frame(text) == bytes.fromhex(head) + text.encode()


def test_what_many_clients_get_is_framed_once(loop: Loop) -> None:
    """Each gets the very bytes; who polls gets the packet of the same text."""
    framed = Framed('2["heartbeat",{}]')
    wires = [Wire() for _ in range(3)]
    for wire in wires:
        Outbox(wire, loop.outgoing).put(framed.frame)
    loop.turn()
    assert all(wire.writes[0] is framed.frame for wire in wires)
    assert framed.packet.encode() == '42["heartbeat",{}]'


def test_what_is_put_in_one_turn_leaves_in_one_write_and_in_order(loop: Loop) -> None:
    """However many clients there are, one task writes to all of them."""
    wires = [Wire(), Wire()]
    outboxes = [Outbox(wire, loop.outgoing) for wire in wires]
    for frame in (b"one ", b"two ", b"three"):
        for outbox in outboxes:
            outbox.put(frame)
    assert [len(outbox) for outbox in outboxes] == [3, 3]
    assert len(loop.arranged) == 1
    loop.turn()
    assert [wire.writes for wire in wires] == [[b"one two three"], [b"one two three"]]
    assert [len(outbox) for outbox in outboxes] == [0, 0]


def test_a_client_that_does_not_read_delays_nobody_and_gets_everything_in_order(loop: Loop) -> None:
    """Only it is waited for, beside everything else; what is put meanwhile comes after what waits."""
    slow, quick = Wire(room=7, more=5), Wire()
    late, prompt = Outbox(slow, loop.outgoing), Outbox(quick, loop.outgoing)
    for frame in (b"first;", b"second;", b"third;"):
        late.put(frame)
        prompt.put(frame)
    loop.outgoing.write()
    assert (slow.got, quick.got) == (b"first;s", b"first;second;third;")
    assert len(late) == 2
    late.put(b"fourth;")
    loop.outgoing.write()
    assert slow.got == b"first;s"
    loop.turn()
    assert slow.got == b"first;second;third;fourth;"
    assert len(late) == 0
    late.put(b"fifth;")
    loop.turn()
    assert slow.got.endswith(b"fourth;fifth;")


def test_more_than_is_joined_at_once_is_whole_and_in_order(loop: Loop) -> None:
    """For any room that the client has: frames are cut anywhere."""
    frames = [b"%d," % number for number in range(3 * writing.FRAMES_AT_ONCE)]
    for room in range(1, 40):
        wire = Wire(room=room, more=room)
        outbox = Outbox(wire, loop.outgoing)
        for frame in frames:
            outbox.put(frame)
        loop.turn()
        assert wire.got == b"".join(frames)


def test_it_is_closed_after_what_was_put_before(loop: Loop) -> None:
    """At once where nothing waits, and after the rest where the client does not read."""
    idle, slow = Wire(), Wire(room=3, more=3)
    Outbox(idle, loop.outgoing).end()
    assert idle.closed_after == 0
    outbox = Outbox(slow, loop.outgoing)
    outbox.put(b"goodbye")
    outbox.end()
    assert slow.closed_after is None
    loop.turn()
    assert (slow.got, slow.closed_after) == (b"goodbye", 7)


@pytest.mark.parametrize("is_broken", [True, False], ids=["broken", "never read"])
def test_a_client_that_is_gone_is_given_up_with_all_that_waits_for_it(loop: Loop, is_broken: bool) -> None:
    """Its connection is broken, or nothing was read for as long as may be; the others are not concerned."""
    wire, other = Wire(room=2), Wire()
    wire.is_broken = is_broken
    outbox = Outbox(wire, loop.outgoing)
    outbox.put(b"lost")
    Outbox(other, loop.outgoing).put(b"heard")
    loop.turn()
    assert wire.was_given_up
    assert len(outbox) == 0
    assert other.got == b"heard"


def test_writing_to_many_gives_way_to_other_work(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand clients must not keep everybody else waiting."""
    monkeypatch.setattr(writing, "TURN_SECONDS", 0.0)
    for _ in range(10):
        Outbox(Wire(), loop.outgoing).put(b"x")
    loop.turn()
    assert loop.gave_way >= 9
