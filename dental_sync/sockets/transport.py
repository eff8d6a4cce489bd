"""What lies below the events: a client's transport and its packets, which may be slow, silent or garbage.

Engine.IO and python-socketio trust their clients more than a practice can: a wrong packet ends as a traceback, a client
that does not read keeps its socket, and one that announces attachments may fill the memory. Nothing here knows of
accounts: every client is bounded by it, signed in or not.
"""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress
from typing import Any

import engineio.json
import engineio.socket
import socketio
from engineio.exceptions import EngineIOError, SocketIsClosedError, UnknownPacketError
from engineio.packet import NOOP, PING, PONG, UPGRADE
from engineio.packet import Packet as EnginePacket
from socketio.packet import BINARY_ACK, BINARY_EVENT, CONNECT_ERROR, EVENT, Packet

from dental_sync.core import callers
from dental_sync.sockets.admission import Admission
from dental_sync.sockets.pings import Pings
from dental_sync.sockets.writing import Framed, Outbox, Outgoing, text_frame

logger = logging.getLogger(__name__)

# Seconds to flush queued packets before the socket is shut down.
LINGER_SECONDS = 10.0
# A transport is read at this multiple of the events that its client may send: beyond it, the client has to wait.
PACKETS_PER_EVENT = 10
# Events of the library's own making; from a client they would play the server's part.
_RESERVED = frozenset({"connect", "connect_error", "disconnect"})


# What the events of a socket are told of the request that it began as; nothing else of it is kept.
_KEPT_OF_REQUEST = (
    "flask.app",
    "wsgi.url_scheme",
    "REQUEST_METHOD",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "REMOTE_ADDR",
    "HTTP_HOST",
    "HTTP_USER_AGENT",
)


class _Nowhere:
    """The queue of a transport that needs none any more."""

    def put(self, packet: object) -> None:
        """Drop what the library says to its own writing task."""


_NOWHERE = _Nowhere()


class MalformedPacketError(EngineIOError):  # type: ignore[misc]  # python-engineio has no types
    """What a client sent is no packet of the protocol; the text is ours and quotes nothing of it."""

    is_safe_to_log = True


class CarefulJson:
    """The libraries' JSON, for which too deep a nest is malformed and not a failure of ours."""

    dumps = staticmethod(engineio.json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        """Read JSON; raises ValueError for whatever is none."""
        try:
            return engineio.json.loads(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None


class StrictPacket(Packet):  # type: ignore[misc]  # python-socketio has no types
    """A Socket.IO packet of the contract: no event of it is binary, and every event has a name."""

    # Nothing that is sent needs to be searched for bytes.
    uses_binary_events = False

    def decode(self, encoded_packet: object) -> int:
        """Read a packet; raises MalformedPacketError."""
        if not isinstance(encoded_packet, str):
            raise MalformedPacketError("not a text")
        try:
            attachments: int = super().decode(encoded_packet)
        except (ValueError, TypeError, LookupError):
            raise MalformedPacketError("not a packet of Socket.IO") from None
        if attachments or self.packet_type in (BINARY_EVENT, BINARY_ACK):
            raise MalformedPacketError("no event of this protocol is binary")
        if self.packet_type >= CONNECT_ERROR:
            raise MalformedPacketError("not a packet that a client sends")
        if self.packet_type == EVENT and not self._is_event():
            raise MalformedPacketError("not an event that a client sends")
        return attachments

    def _is_event(self) -> bool:
        return (
            isinstance(self.data, list)
            and bool(self.data)
            and isinstance(self.data[0], str)
            and self.data[0] not in _RESERVED
        )


class Transport(engineio.socket.Socket):  # type: ignore[misc]  # python-engineio has no types
    """A client's transport, WebSocket or polling, that lets go of everything when it is closed."""

    def __init__(self, server: Any, sid: str) -> None:
        super().__init__(server, sid)
        # Of the library: whether the first request was answered, by a poll or by a WebSocket; when the client was
        # pinged, until it answers; what waits for a client that polls.
        self.connected: bool
        self.last_ping: float | None
        self.queue: Any
        self._websocket: Any = None
        # What waits for a WebSocket that can be written to without waiting; for others it is the library's queue.
        self._outbox: Outbox | None = None
        # Under what its address is counted, once it is; and the TCP connection that carries it now.
        self._network: str | None = None
        self._connection: callers.TrackedConnection | None = None
        self._is_signed_in = False
        self._tokens = 0.0
        self._filled_at = 0.0

    def count_for(self, network: str) -> None:
        """It is open, and counts for this address until it is closed."""
        self._network = network
        self.server.admission.opened(network)

    def signed_in(self) -> None:
        """An account has signed in on it: from now on its TCP connection is not closed to make room."""
        self._is_signed_in = True
        if self._connection is not None:
            self._connection.keep()

    @property
    def waiting(self) -> int:
        """How many packets wait for the client to read."""
        return int(self.queue.qsize()) if self._outbox is None else len(self._outbox)

    def send(self, pkt: EnginePacket) -> None:
        """Send a packet after those before it."""
        if self._outbox is None:
            super().send(pkt)
        elif self.check_ping_timeout():
            self._outbox.put(text_frame(pkt.encode()))

    def send_framed(self, framed: Framed) -> None:
        """Send what others are sent too; nothing happens where it is closed."""
        if self.closed:
            return
        if self._outbox is None:
            self.queue.put(framed.packet)
        else:
            self._outbox.put(framed.frame)

    def schedule_ping(self) -> None:
        """Ping the client some time from now: the last ping was answered, or it has just connected."""
        if self.last_ping:
            self.last_ping = None
            self.server.pings.schedule(self)

    def ping(self) -> bool:
        """Ask whether the client is there; False where it is closed."""
        if self.closing or self.closed:
            return False
        self.last_ping = time.time()
        self.send(EnginePacket(PING))
        return True

    def is_silent(self) -> bool:
        """Whether the client has not answered the last ping yet."""
        return self.last_ping is not None

    def let_go(self) -> None:
        """Close it, for the client does not answer; one that is only slow still hears that it is closed."""
        self.close(wait=False, reason=self.server.reason.PING_TIMEOUT)

    def handle_get_request(self, environ: Any, start_response: Any) -> Any:
        """Answer a poll, or become a WebSocket, on the TCP connection of this request."""
        self._connection = callers.connection(environ)
        if self._is_signed_in:
            callers.keep(environ)
        return super().handle_get_request(environ, start_response)

    def receive(self, pkt: Any) -> None:
        """Take a packet: no faster than is allowed, and none from a client that does not read what it is answered."""
        self._pause()
        if self.waiting > self.server.client_queue_messages:
            logger.warning("transport %s sends and does not read; it is cut off", self.sid)
            self.server.clients_cut_off += 1
            self.close(wait=False, abort=True)
        if self.closed:
            raise SocketIsClosedError
        super().receive(pkt)

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:  # noqa: ARG002
        """Close, without waiting for the client to read: the library would wait for ever for one that does not."""
        if self.closed or self.closing:
            return
        super().close(wait=False, abort=abort, reason=reason)
        if self._network is not None:
            self.server.admission.closed(self._network)
        if abort:
            self._shut_down()
        elif self._websocket is not None:
            if self._outbox is not None:
                self._outbox.end()
            self.server.start_background_task(self._shut_down_later)
        self.server.sockets.pop(self.sid, None)

    def handle_post_request(self, environ: Any) -> None:
        """Take what a polling client sends; raises EngineIOError, which closes the transport and answers 400."""
        try:
            super().handle_post_request(environ)
        except (ValueError, LookupError, OSError):
            raise MalformedPacketError("not a payload of Engine.IO") from None

    def _websocket_handler(self, ws: Any) -> Any:
        self._websocket = ws
        try:
            if hasattr(ws, "read_in_turns"):
                return self._begin(ws)
            # The library reads and writes in tasks that wait, which other servers need.
            return super()._websocket_handler(ws)
        except (ValueError, OSError) as failure:
            logger.info("transport %s is closed: %s", self.sid, failure)
            self.close(wait=False, abort=True)
            return []
        finally:
            if self._outbox is None:
                self._websocket = None

    def _begin(self, ws: Any) -> list[bytes]:
        """Go on by this WebSocket; as the library does it, but for reading and writing, for which no task waits."""
        ws.socket.settimeout(self.server.ping_interval + self.server.ping_timeout)
        if self.connected and not self._upgrade(ws):
            return []
        self.connected = self.upgraded = True
        self._outbox = ws.outbox = Outbox(ws, self.server.outgoing)
        while not self.queue.empty():
            packet = self.queue.get()
            # None is the library's sign that nothing more comes.
            if packet is not None:
                self._outbox.put(text_frame(packet.encode()))
        self.queue = _NOWHERE
        if self.closed:
            self._outbox.write()
        else:
            ws.read_in_turns(self._hear, self._end)
        return []

    def _hear(self, data: Any) -> bool:
        """Take what a WebSocket has received; False where nothing more is taken."""
        try:
            self.receive(EnginePacket(encoded_packet=data))
        except UnknownPacketError:
            return True
        except SocketIsClosedError:
            return False
        except (ValueError, OSError) as failure:
            logger.info("transport %s is closed: %s", self.sid, failure)
            return False
        except Exception:
            logger.exception("transport %s is closed", self.sid)
            return False
        return True

    def _end(self) -> None:
        """Its WebSocket is over."""
        if self._outbox is not None:
            # The client may have stopped sending only.
            self._outbox.write()
        self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
        self._websocket = None

    def _upgrade(self, ws: Any) -> bool:
        """Whether a client that has polled goes on by this WebSocket: it tries it first, and then says so."""
        self.upgrading = True
        try:
            tried = EnginePacket(encoded_packet=ws.wait())
            if (tried.packet_type, tried.data) != (PING, "probe"):
                return False
            ws.send(EnginePacket(PONG, data="probe").encode())
            # Ends the poll that waits.
            self.queue.put(EnginePacket(NOOP))
            return bool(EnginePacket(encoded_packet=ws.wait()).packet_type == UPGRADE)
        finally:
            self.upgrading = False

    def _pause(self) -> None:
        """Let a client that sends more than it may wait: what it goes on sending fills its own buffers."""
        per_second = float(self.server.packets_per_second)
        now = time.monotonic()
        self._tokens = min(2 * per_second, self._tokens + (now - self._filled_at) * per_second) - 1
        self._filled_at = now
        if self._tokens < 0:
            self.server.sleep(-self._tokens / per_second)

    def _shut_down_later(self) -> None:
        self.server.sleep(LINGER_SECONDS)
        self._shut_down()

    def _shut_down(self) -> None:
        """End reading and writing at once, so that no greenlet waits for this client any longer."""
        for name in ("socket", "sock"):
            connection = getattr(self._websocket, name, None)
            if connection is not None:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def use() -> None:
    """Let Engine.IO make such transports; before its server is made. It has no other place to say so."""
    engineio.socket.Socket = Transport


def bind(server: socketio.Server, *, packets_per_second: int, client_queue_messages: int, admission: Admission) -> None:
    """Set a server's limits, and let it close a transport on which a packet is malformed."""
    engine = server.eio
    engine.packets_per_second = packets_per_second
    engine.client_queue_messages = client_queue_messages
    engine.admission = admission
    engine.pings = Pings(interval_seconds=engine.ping_interval, timeout_seconds=engine.ping_timeout)
    engine.outgoing = Outgoing(engine.start_background_task, engine.sleep)
    # How many were cut off because they did not read, here or in connections.py, where much was to be sent to them.
    engine.clients_cut_off = 0
    hear = engine.handlers["message"]
    let_in = engine.handlers["connect"]

    def count_and_let_in(engine_id: str, environ: Any) -> Any:
        engine.sockets[engine_id].count_for(callers.network(environ.get("REMOTE_ADDR")))
        return let_in(engine_id, {name: environ[name] for name in _KEPT_OF_REQUEST if name in environ})

    engine.on("connect", count_and_let_in)

    def hear_what_is_well_formed(engine_id: str, data: object) -> None:
        try:
            if not data:
                raise MalformedPacketError("empty")
            hear(engine_id, data)
        except MalformedPacketError as failure:
            logger.info("transport %s is closed: %s", engine_id, failure)
            transport = engine.sockets.get(engine_id)
            if transport is not None:
                transport.close(wait=False, abort=True)

    engine.on("message", hear_what_is_well_formed)
