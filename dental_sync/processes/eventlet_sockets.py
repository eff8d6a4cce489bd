"""The TCP connections of eventlet's server: they take turns, and can be taken away from who has accepted them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import eventlet
from eventlet import hubs
from eventlet.green import socket
from eventlet.greenio import GreenSocket, shutdown_safe

from dental_sync.processes.open_connections import OpenConnection

# How much is read at once, and how long a connection that always has more may go on before it is another's turn.
READ_BYTES = 16 * 1024
TURN_SECONDS = 0.005


class FairSocket(GreenSocket):  # type: ignore[misc]  # eventlet has no types
    """A client's connection, which takes turns with the others even while it always has something to do."""

    _turn_began = 0.0
    # Set once it is served.
    tracked: OpenConnection | None = None
    # The same connection, once it was taken away.
    taken: FairSocket | None = None
    _after_close: tuple[Callable[[], object], ...] | None = ()

    def take_away(self) -> FairSocket:
        """The connection, for somebody else to serve: who has accepted it, and will close this, no longer closes it."""
        file = self.fd
        self.taken = FairSocket(type(file)(file.family, file.type, file.proto, file.detach()))
        self.taken.settimeout(self.gettimeout())
        self.taken.tracked = self.tracked
        if self.tracked is not None:
            self.tracked.hang_up = partial(shutdown_safe, self.taken)
        return self.taken

    def after_close(self, call: Callable[[], object]) -> None:
        """Call this once `close_now` was called."""
        if self._after_close is None:
            call()
        else:
            self._after_close += (call,)

    def close_now(self) -> None:
        """Close what was taken away, whoever waits for it."""
        # A greenlet that waits for room to write would not hear of it: epoll forgets what is closed.
        hubs.notify_opened(self.fileno())
        shutdown_safe(self)
        self.close()
        calls, self._after_close = self._after_close or (), None
        for call in calls:
            call()

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Receive a part."""
        self._take_turns()
        received: bytes = super().recv(min(bufsize, READ_BYTES), flags)
        return received

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Receive a part."""
        self._take_turns()
        received: int = super().recv_into(buffer, min(nbytes or len(buffer), READ_BYTES), flags)
        return received

    def send(self, data: bytes, flags: int = 0) -> int:
        """Send a part."""
        self._take_turns()
        sent: int = super().send(data, flags)
        return sent

    def _take_turns(self) -> None:
        if time.monotonic() - self._turn_began > TURN_SECONDS:
            eventlet.sleep(0)
            self._turn_began = time.monotonic()


class Listener(FairSocket):
    """Where callers come in, until it is told to take no more: who comes then is refused, and asks another process."""

    _is_closed = False

    def take_no_more(self) -> None:
        """Refuse further callers; those who were let in go on."""
        # What has come in by now is accepted before.
        eventlet.sleep(0)
        self._is_closed = True
        self.fd.shutdown(socket.SHUT_RDWR)

    def accept(self) -> Any:
        """The next caller; once none is taken any more, wait for the end of the process."""
        try:
            return super().accept()
        except OSError:
            while self._is_closed:
                eventlet.sleep(1)
            raise
