"""The socket: python-socketio's client, with what arrives handed over in the order in which it arrived.

The library starts a thread for each message, so that two of them may overtake each other; and its own reconnecting
knows no positions. Here one thread reads, and each connection has a socket of its own.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import engineio
import socketio
from socketio.exceptions import SocketIOError

from dental_sync_client.address import Address

logger = logging.getLogger(__name__)

# A server that reads nothing any more is not waited for.
CLOSE_SECONDS = 1.0

# Beside the server's events these are handed over: it let us in (`ready` comes before, when nothing may be asked yet),
# it refused, it closed for good, the transport is gone.
CONNECTED = "connect"
REFUSED = "connect_error"
CLOSED = "closed by the server"
LOST = "transport lost"

Receive = Callable[[str, Any], None]
Answered = Callable[[Any], None]


class Socket(Protocol):
    """One connection, used once."""

    def open(self, url: str, token: str) -> Awaitable[None] | None:
        """Connect; raises OSError when there is no server."""

    def ask(self, event: str, payload: dict[str, Any], answered: Answered) -> None:
        """Emit an event; the answer comes in its turn among what is received, or never when the transport is lost."""

    def close(self) -> None:
        """Hang up."""


NewSocket = Callable[[Receive], Socket]


class _InOrder(engineio.Client):  # type: ignore[misc]
    def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        return super()._trigger_event(event, *args, **{**kwargs, "run_async": False})


class _Client(socketio.Client):  # type: ignore[misc]
    def __init__(self, receive: Receive) -> None:
        super().__init__(reconnection=False, handle_sigint=False)
        self._receive = receive
        self.on("*", lambda event, *payload: receive(event, payload[0] if payload else None))
        self.on(CONNECTED, lambda: receive(CONNECTED, None))
        self.on(REFUSED, lambda *why: receive(REFUSED, why[0] if why else None))

    def _engineio_client_class(self) -> type:
        return _InOrder

    def _handle_disconnect(self, namespace: str | None) -> None:  # noqa: ARG002 - there is one
        # The library would hang up here, from within its reading thread.
        self._receive(CLOSED, None)

    def _handle_eio_disconnect(self, reason: str) -> None:
        super()._handle_eio_disconnect(reason)
        self._receive(LOST, reason)


class SocketIO:
    """A Socket over python-socketio."""

    def __init__(self, receive: Receive, transports: tuple[str, ...] = ("websocket",)) -> None:
        self._client = _Client(receive)
        self._transports = list(transports)

    def open(self, url: str, token: str) -> None:
        """Connect; raises OSError when no server answers."""
        address = Address.of(url)
        try:
            self._client.connect(
                address.origin,
                auth={"token": token},
                transports=self._transports,
                namespaces=["/"],
                socketio_path=address.socket_path,
                wait=False,
            )
        except SocketIOError as failure:
            raise OSError(str(failure)) from failure

    def ask(self, event: str, payload: dict[str, Any], answered: Answered) -> None:
        """Emit an event; the answer comes in its turn among what is received, or never when the transport is lost."""
        try:
            self._client.emit(event, payload, callback=answered)
        except SocketIOError:
            # It was lost just now, which is being told.
            return

    def close(self) -> None:
        """Hang up."""
        for step in (self._say_goodbye, self._let_go):
            try:
                step()
            except Exception:
                # What the libraries below make of a transport that dies meanwhile is of all kinds.
                logger.debug("the transport was not closed in good order", exc_info=True)

    def _say_goodbye(self) -> None:
        """Send that it is over, and wait for no answer, as the library would: the server may have fallen silent."""
        websocket = self._client.eio.ws
        if websocket is not None and websocket.connected:
            websocket.settimeout(CLOSE_SECONDS)
            websocket.send_close()
            websocket.sock.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        engine = self._client.eio
        http = engine.http
        # Of a transport that was lost the library leaves the socket to the garbage collector.
        if engine.ws is not None:
            engine.ws.shutdown()
        engine.disconnect(abort=True)
        # The library has emptied the queue for which its writing thread waits.
        engine.queue.put(None)
        if http is not None:
            http.close()
