"""eventlet's WebSocket with a limit on what is received, which can be written to without waiting.

No greenlet waits for what an idle client may send: with its stack, the request that it began as and the buffers of HTTP
it would take three times the memory. The hub begins one where there is something to read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import eventlet
from eventlet import hubs, websocket
from eventlet.green import socket

from dental_sync.processes.eventlet_sockets import FairSocket
from dental_sync.sockets.writing import Outbox

logger = logging.getLogger(__name__)


class BoundedWebSocket(websocket.RFC6455WebSocket):  # type: ignore[misc]  # eventlet has no types
    """A WebSocket on which a message in fragments is bounded as one in a single frame is.

    Implements sockets.writing.Wire.
    """

    # What all frames go through, those of the library's own too, once a transport writes to it.
    outbox: Outbox | None = None
    # The connection; of the library's.
    socket: FairSocket
    # What takes each message, until it says that there shall be no more, and what is called at the end.
    _hear: Callable[[Any], bool]
    _end: Callable[[], None]
    _is_read_in_turns = False
    _returns = False

    class Message(websocket.RFC6455WebSocket.Message):  # type: ignore[misc]  # eventlet has no types
        """A message that is being received."""

        size = 0

        def push(self, data: bytes, final: bool = False) -> None:
            """Add a part."""
            self.size += len(data) or 1
            if self.size > self.max_frame_length:
                raise websocket.FailedConnectionError(1009, "The message is too large.")
            super().push(data, final)

    @staticmethod
    def _apply_mask(data: bytes, mask: tuple[int, ...], length: int | None = None, offset: int = 0) -> bytes:
        # All at once: byte by byte, as the library does it, a megabyte costs everybody a tenth of a second.
        data = data[:length]
        key = bytes(mask[(offset + place) % 4] for place in range(4))
        keys = (key * (len(data) // 4 + 1))[: len(data)]
        return (int.from_bytes(data, "big") ^ int.from_bytes(keys, "big")).to_bytes(len(data), "big")

    def read_in_turns(self, hear: Callable[[Any], bool], end: Callable[[], None]) -> None:
        """Hand over each message as it comes, until `hear` is false or it is closed, then call `end`; returns at once.

        Who has served the connection up to here no longer does.
        """
        self.socket = self.socket.take_away()
        self._hear, self._end = hear, end
        self._is_read_in_turns = True
        # Nothing of these is needed any more.
        self.environ = self.iterator = self.log = self._msgs = self._sendlock = None
        self._returns = True
        self._listen()

    def write(self, data: bytes) -> int:
        """Write as much as the kernel takes."""
        try:
            written: int = self.socket.fd.send(data)
        except BlockingIOError:
            return 0
        return written

    def wait_for_room(self) -> None:
        """Let others work until the kernel takes more."""
        try:
            hubs.trampoline(
                self.socket.fd, write=True, timeout=self.socket.gettimeout(), timeout_exc=TimeoutError("timed out")
            )
        except hubs.IOClosed as closed:
            raise ConnectionResetError from closed

    def give_up(self) -> None:
        """End reading and writing at once, so that no greenlet waits for this client any longer."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self, close_data: Any = None) -> None:
        """Say goodbye; what the client still sends is read, until it has gone or is given up."""
        if not self._is_read_in_turns:
            super().close(close_data)
            return
        self._send_closing_frame(close_data=close_data, ignore_send_errors=True)
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def _send_closing_frame(self, ignore_send_errors: bool = False, close_data: Any = None) -> None:
        if self._returns:
            # The library ends with this what its handler has returned from.
            self._returns = False
            return
        super()._send_closing_frame(ignore_send_errors=ignore_send_errors, close_data=close_data)

    def _send(self, frame: Any) -> None:
        if self.outbox is None:
            super()._send(frame)
        else:
            # At once: the connection may be closed next.
            self.outbox.put(frame)
            self.outbox.write()

    def _listen(self) -> None:
        hub = hubs.get_hub()
        self._listener = hub.add(hub.READ, self.socket.fileno(), self._begin_turn, self._begin_turn, None)
        # Not the greenlet that is running, which has no part in it and would be kept.
        self._listener.greenlet = hub.greenlet

    def _begin_turn(self, _file_or_failure: object) -> None:
        hubs.get_hub().remove(self._listener)
        eventlet.spawn_n(self._read)

    def _read(self) -> None:
        try:
            if self._hear_what_has_come():
                self._listen()
                return
        except Exception as failure:
            logger.info("a WebSocket cannot be read: %s", failure)
        try:
            self._end()
        finally:
            self.socket.close_now()

    def _hear_what_has_come(self) -> bool:
        """False when it is over."""
        self.iterator = self._iter_frames()
        while self._has_something():
            message = self.wait()
            if message is None or not self._hear(message):
                return False
        self.iterator = None
        return True

    def _has_something(self) -> bool:
        """Whether a message has begun to come, or the end."""
        try:
            self.socket.fd.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        return True
