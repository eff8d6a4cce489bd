"""eventlet's WebSocket with a limit on what is received, which can be written to without waiting."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from eventlet import hubs, websocket
from eventlet.green import socket

from dental_sync.sockets.writing import Outbox


class BoundedWebSocket(websocket.RFC6455WebSocket):  # type: ignore[misc]  # eventlet has no types
    """A WebSocket on which a message in fragments is bounded as one in a single frame is.

    Implements sockets.writing.Wire.
    """

    # What all frames go through, those of the library's own too, once a transport writes to it.
    outbox: Outbox | None = None

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

    def _send(self, frame: Any) -> None:
        if self.outbox is None:
            super()._send(frame)
        else:
            # At once: the connection may be closed next.
            self.outbox.put(frame)
            self.outbox.write()
