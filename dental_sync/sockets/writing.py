"""How packets leave for WebSockets: framed once for all who get them, written without waiting, several in one write.

Engine.IO gives each WebSocket a queue and a task that empties it: each packet wakes each task, and is framed for each.
Here a packet only waits until the end of the loop's turn, or for a client that does not read.
"""

from __future__ import annotations

import struct
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from engineio.packet import MESSAGE, Packet

# How many frames are joined for one write: copying more would cost more than another write.
FRAMES_AT_ONCE = 64
# How long clients are written to before it is the turn of other work.
TURN_SECONDS = 0.005

# RFC 6455, 5.2: the first byte of a whole text message, and what says that its length follows in two or eight bytes.
_TEXT = 0x81
_TWO_BYTES, _EIGHT_BYTES = 126, 127


class Wire(Protocol):
    """A WebSocket of a server that can write to it without waiting."""

    def write(self, data: bytes) -> int:
        """Write as much as there is room for, and say how much; raises OSError where it is broken."""

    def wait_for_room(self) -> None:
        """Return when it can be written to again; raises OSError where it is broken, or that took too long."""

    def give_up(self) -> None:
        """End reading and writing at once."""

    def close(self) -> None:
        """Say goodbye; what the client still sends is read."""


class Framed:
    """A packet of Engine.IO with one text, which is sent to many clients: encoded and framed once."""

    __slots__ = ("frame", "packet")

    def __init__(self, text: str) -> None:
        # For those who poll.
        self.packet = Packet(MESSAGE, text)
        # For WebSockets.
        self.frame = text_frame(self.packet.encode())


def text_frame(text: str) -> bytes:
    """A text as a server's WebSocket frame, which is not masked."""
    data = text.encode()
    length = len(data)
    if length < _TWO_BYTES:
        return struct.pack("!BB", _TEXT, length) + data
    if length < 1 << 16:
        return struct.pack("!BBH", _TEXT, _TWO_BYTES, length) + data
    return struct.pack("!BBQ", _TEXT, _EIGHT_BYTES, length) + data


class Outgoing:
    """The outboxes of a process in which something is to be written."""

    def __init__(self, start: Callable[..., Any], sleep: Callable[[float], Any]) -> None:
        # Runs a function beside everything else, soon.
        self.start = start
        self._sleep = sleep
        self._due: deque[Outbox] = deque()
        self._is_arranged = False

    def add(self, outbox: Outbox) -> None:
        """Write to it once those who are at work have put in all that they have."""
        self._due.append(outbox)
        if not self._is_arranged:
            self._is_arranged = True
            self.start(self._write_as_arranged)

    def write(self) -> None:
        """Write what there is, in turns with other work."""
        turn_ends = time.monotonic() + TURN_SECONDS
        while self._due:
            self._due.popleft().write()
            if time.monotonic() > turn_ends:
                self._sleep(0)
                turn_ends = time.monotonic() + TURN_SECONDS

    def _write_as_arranged(self) -> None:
        self._is_arranged = False
        self.write()


class Outbox:
    """What waits for one client, in order. Only a client that does not read has something here for long."""

    __slots__ = ("_frames", "_is_due", "_is_ending", "_outgoing", "_waits_for_room", "_wire")

    def __init__(self, wire: Wire, outgoing: Outgoing) -> None:
        self._wire = wire
        self._outgoing = outgoing
        self._frames: list[bytes] = []
        self._is_due = False
        self._waits_for_room = False
        self._is_ending = False

    def __len__(self) -> int:
        """How many frames wait."""
        return len(self._frames)

    def put(self, frame: bytes) -> None:
        """Send a frame after those that were put before."""
        self._frames.append(frame)
        if not (self._is_due or self._waits_for_room):
            self._is_due = True
            self._outgoing.add(self)

    def end(self) -> None:
        """Close the WebSocket after what was put before; what is put later may be lost."""
        self._is_ending = True
        self.write()

    def write(self) -> None:
        """Write what there is room for; what is left is written as the client reads."""
        self._is_due = False
        if self._waits_for_room:
            return
        try:
            if self._write_some():
                self._close_if_asked()
            else:
                self._waits_for_room = True
                self._outgoing.start(self._write_the_rest)
        except OSError:
            self._give_up()

    def _write_the_rest(self) -> None:
        try:
            self._wire.wait_for_room()
            while not self._write_some():
                self._wire.wait_for_room()
        except OSError:
            self._give_up()
        finally:
            self._waits_for_room = False
        self._close_if_asked()

    def _write_some(self) -> bool:
        """Write what there is room for; whether that was everything."""
        frames = self._frames
        while frames:
            data = frames[0] if len(frames) == 1 else b"".join(frames[:FRAMES_AT_ONCE])
            written = self._wire.write(data)
            if written == len(data):
                del frames[:FRAMES_AT_ONCE]
            elif written:
                self._take_out(written)
            else:
                return False
        return True

    def _take_out(self, written: int) -> None:
        """Keep what was not written: the rest of a frame comes before the next one."""
        whole = 0
        while written >= len(self._frames[whole]):
            written -= len(self._frames[whole])
            whole += 1
        self._frames[: whole + 1] = [self._frames[whole][written:]]

    def _close_if_asked(self) -> None:
        if self._is_ending:
            self._is_ending = False
            self._wire.close()

    def _give_up(self) -> None:
        self._frames.clear()
        self._wire.give_up()
