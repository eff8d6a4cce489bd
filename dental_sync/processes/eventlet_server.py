"""eventlet's WSGI server with limits: on how long a request may take to arrive, how long it may be, how many there are.

eventlet bounds a single read only: who sends a byte a minute stays for ever, who sends without a pause keeps everybody
else from their turn, and a line or a fragmented message without an end fills the memory. Only wsgi.py imports this.
"""

from __future__ import annotations

import errno
import json
import logging
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import eventlet
from eventlet import hubs, patcher, websocket, wsgi
from eventlet.green import socket
from eventlet.greenio import shutdown_safe
from eventlet.semaphore import Semaphore
from flask import Flask

from dental_sync.core import callers, errors, request_ids, services
from dental_sync.core.config import Settings
from dental_sync.core.engines import CONNECTIONS_APART
from dental_sync.core.ids import new_id
from dental_sync.core.logs import log_uncaught
from dental_sync.monitoring.request_log import OTHER, RequestLine
from dental_sync.processes import strict_http
from dental_sync.processes.drain import Door
from dental_sync.processes.eventlet_sockets import READ_BYTES, FairSocket, Listener
from dental_sync.processes.eventlet_websocket import BoundedWebSocket
from dental_sync.processes.listening import listen
from dental_sync.processes.open_connections import OpenConnections
from dental_sync.sockets.admission import Admission

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

# What is still read of a request that was answered before it had arrived, so that its sender sees the answer.
LEFTOVER_BYTES = 1_000_000
# How long who is hung up on may take to read why.
LEAVE_SECONDS = 1.0
# The largest line that says how long a chunk is, and trailer.
CHUNK_LINE_BYTES = 4_096
# Descriptors for everything that is not a client: Redis, log files, and each thread that hashes a password.
OTHER_FILES = 100


class _Chunks:
    """The connection as the reader of a chunked body needs it: each line between the chunks is what it must be.

    The library asks for a line without a size only where one announces a chunk, ends one, or is a trailer.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._awaited: Literal["length", "end of chunk", "trailer"] = "length"
        self.is_broken = False

    def read(self, size: int = -1) -> bytes:
        """A part of a chunk."""
        self._awaited = "end of chunk"
        data: bytes = self._file.read(size)
        return data

    def readline(self, size: int = -1) -> bytes:
        """A line of a chunk where it has a size, else a line between chunks; raises ChunkReadError."""
        if size >= 0:
            self._awaited = "end of chunk"
            part: bytes = self._file.readline(size)
            return part
        line: bytes = self._file.readline(CHUNK_LINE_BYTES)
        # Nothing is read any more after what was none: where it ends is not known.
        if self.is_broken or not self._is_as_awaited(line):
            self.is_broken = True
            raise wsgi.ChunkReadError("not a chunked body")
        return line

    def _is_as_awaited(self, line: bytes) -> bool:
        is_empty = line in strict_http.END_OF_LINE
        try:
            if self._awaited == "end of chunk":
                self._awaited = "length"
                return is_empty
            if self._awaited == "length":
                self._awaited = "length" if strict_http.chunk_size(line) else "trailer"
            elif not is_empty:
                strict_http.check_trailer(line)
        except strict_http.Malformed:
            return False
        return True


class _Recorded:
    """The connection while headers are read, which keeps the lines as they came."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.lines: list[bytes] = []

    def readline(self, size: int = -1) -> bytes:
        """The next line."""
        line: bytes = self._file.readline(size)
        self.lines.append(line)
        return line


class RequestBody(wsgi.Input):  # type: ignore[misc]  # eventlet has no types
    """A request's body: it must arrive within a time, and of an unread rest only a little is read."""

    def __init__(self, source: Any, seconds: float) -> None:
        self._chunks = _Chunks(source.rfile) if source.chunked_input else None
        super().__init__(
            self._chunks or source.rfile,
            source.content_length,
            source.get_socket(),
            wfile=source.wfile,
            wfile_line=source.wfile_line,
            chunked_input=source.chunked_input,
        )
        self._deadline = time.monotonic() + seconds

    def read(self, length: int | None = None) -> bytes:
        """Read so much, or everything; raises TimeoutError."""
        with within(self._deadline - time.monotonic()):
            data: bytes = super().read(length)
            return data

    def readline(self, size: int | None = None) -> bytes:
        """Read a line; raises TimeoutError."""
        with within(self._deadline - time.monotonic()):
            line: bytes = super().readline(size)
            return line

    def discard(self, buffer_size: int = READ_BYTES) -> None:
        """Read what is left of a body that was answered already; raises OSError, upon which the server hangs up."""
        if self._chunks is not None and self._chunks.is_broken:
            raise OSError(errno.EBADMSG, "where the body ends is not known")
        left = LEFTOVER_BYTES
        while data := self.read(buffer_size):
            left -= len(data)
            if left <= 0:
                raise OSError(errno.EMSGSIZE, "more than anybody wants to read")


class Protocol(wsgi.HttpProtocol):  # type: ignore[misc]  # eventlet has no types
    """HTTP to the letter, with a time for each part of a request.

    The app writes its own log, and nothing else does (request_log).
    """

    rfile: Any

    def __init__(self, conn_state: Any, server: Any) -> None:
        try:
            # Serves the connection until it is closed.
            super().__init__(conn_state, server)
        except TimeoutError:
            # Expected: the server closes the connection.
            raise
        except OSError as failure:
            logger.info("a connection broke: %s", failure)
        except Exception:
            logger.exception("a connection was given up")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 - the library's name
        """Write the line of a request that was refused before the app saw it."""
        RequestLine(OTHER, status=int(code)).write()

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing: what could not be read as a request is quoted here, and may be the rest of a longer body."""

    def _read_request_line(self) -> Any:
        with within(self.server.socket_timeout):
            return super()._read_request_line()

    def parse_request(self) -> bool:
        """Read the headers; False when they were refused, and the connection is not read any further."""
        recorded = self.rfile = _Recorded(self.rfile)
        try:
            version = strict_http.check_request_line(self.raw_requestline)
            with within(self.server.socket_timeout):
                if not super().parse_request():
                    return False
            if recorded.lines[-1] not in strict_http.END_OF_LINE:
                # The caller has left in the middle of it.
                self.close_connection = True
                return False
            strict_http.check_headers(recorded.lines[:-1], version)
        except strict_http.Malformed as fault:
            self._refuse(400, "Bad Request", {**errors.BadRequest(str(fault)).problem()})
            return False
        except strict_http.UnknownCoding:
            self._refuse(501, "Not Implemented", None)
            return False
        return True

    def _refuse(self, status: int, phrase: str, problem: dict[str, Any] | None) -> None:
        """Answer, and hang up once the caller can have read it: nothing that follows can be trusted to be a request."""
        self.close_connection = True
        self.log_request(status)
        body = b"" if problem is None else json.dumps(problem).encode()
        head = [f"HTTP/1.1 {status} {phrase}", "Connection: close", f"Content-Length: {len(body)}"]
        if problem is not None:
            head += ["Content-Type: application/problem+json", "Cache-Control: no-store"]
        head.append(f"{request_ids.HEADER}: {new_id()}")
        self.wfile.write("\r\n".join([*head, "", ""]).encode() + body)
        self.wfile.flush()
        # With something unread the kernel would reset the connection, and the caller might lose the answer.
        left = LEFTOVER_BYTES
        with suppress(OSError), within(LEAVE_SECONDS):
            self.connection.shutdown(socket.SHUT_WR)
            while left > 0 and (data := self.connection.recv(READ_BYTES)):
                left -= len(data)

    def get_environ(self) -> dict[str, Any]:
        """The request as the app sees it."""
        environ: dict[str, Any] = super().get_environ()
        body = RequestBody(environ["eventlet.input"], self.server.socket_timeout)
        environ["wsgi.input"] = environ["eventlet.input"] = body
        if body.chunked_input:
            # Without it Werkzeug takes a chunked body for an absent one.
            environ["wsgi.input_terminated"] = True
        environ[callers.CONNECTION] = self.request.tracked
        return environ

    def handle_one_response(self) -> None:
        """Answer a request, after which its connection is nobody's until the next one."""
        self.application = self._answer
        try:
            super().handle_one_response()
        finally:
            if self.request.taken is None:
                self.request.tracked.release()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The app's answer; that of a connection that was taken away is over when the connection is."""
        answer: Iterable[bytes] = self.server.app(environ, start_response)
        if self.request.taken is None:
            return answer
        if hasattr(answer, "close"):
            self.request.taken.after_close(answer.close)
        return []


class Room(eventlet.GreenPool):  # type: ignore[misc]  # eventlet has no types
    """A place for each connection, as long as there is one; where there is none, strangers go first.

    A greenlet serves it, until it is closed or taken away; then it keeps its place.
    """

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._places = Semaphore(size)
        self._connections = OpenConnections(size)
        # Called when one has come, or has gone.
        self.changed: Callable[[], None] = lambda: None

    @property
    def count(self) -> int:
        """How many connections have a place."""
        return len(self._connections)

    def spawn(self, serve: Any, state: Any) -> Any:
        """Serve one more connection, once there is room for it."""
        (address, connection, _) = state
        connection.tracked = self._connections.enter(str(address[0]), lambda: shutdown_safe(connection))
        self.changed()
        self._places.acquire()
        return super().spawn(self._serve, serve, state)

    def _serve(self, serve: Any, state: Any) -> None:
        connection: FairSocket = state[1]
        try:
            serve(state)
        finally:
            if connection.taken is None:
                self._leave(connection)
            else:
                connection.taken.after_close(partial(self._leave, connection.taken))

    def _leave(self, connection: FairSocket) -> None:
        if connection.tracked is not None:
            self._connections.left(connection.tracked)
            self.changed()
        self._places.release()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TimeoutError when it takes longer."""
    if seconds <= 0:
        raise TimeoutError("timed out")
    with eventlet.Timeout(seconds, TimeoutError("timed out")):
        yield


def connections_that_fit(limit: int, files: int, *, database_connections: int) -> int:
    """How many clients may be let in: beyond its files a process could not even accept, and would end."""
    return max(1, min(limit, files - database_connections - OTHER_FILES))


def raise_file_limit() -> int:
    """Open as many files as the machine allows, where a shell often allows 1,024; returns the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return 1_000_000 if hard == resource.RLIM_INFINITY else hard


def log_what_greenlets_raise() -> None:
    """Let exceptions that ended a greenlet go to the log; eventlet prints them, with the values in their texts."""
    hub = hubs.get_hub()

    def drop_descriptor(fileno: int, raised: tuple[Any, BaseException, Any]) -> None:
        log_uncaught(raised[1])
        hub.remove_descriptor(fileno)

    hub.squelch_exception = drop_descriptor
    hub.squelch_generic_exception = lambda raised: log_uncaught(raised[1])
    hub.squelch_timer_exception = lambda _timer, raised: log_uncaught(raised[1])


def serve(app: Flask, settings: Settings) -> None:
    """Serve for ever, as the only process of its port; raises OSError when the address is not to be had."""
    room = prepare(app, settings)
    listener = Listener(listen(settings.host, settings.port, by=patcher.original("socket")))
    services.provide(app, Door(listener.take_no_more))
    serve_on(listener, app, settings, room=room)


def prepare(app: Flask, settings: Settings) -> Room:
    """Set up what all connections have in common; returns the room that there is for them."""
    websocket.RFC6455WebSocket = BoundedWebSocket
    log_what_greenlets_raise()
    database_connections = settings.database_pool_size + CONNECTIONS_APART
    clients = connections_that_fit(
        settings.max_connections, raise_file_limit(), database_connections=database_connections
    )
    if clients < settings.max_connections:
        services.of(app, Admission).at_most(clients // 2)
    return Room(clients)


def serve_on(
    listener: Any, serve: WSGIApplication, settings: Settings, *, room: Room, protocol: type[Protocol] = Protocol
) -> None:
    """Serve for ever whoever comes in by a listener."""
    # eventlet counts WebSockets as requests and holds 1,024 of them unless told otherwise, and waits for ever for a
    # caller that has connected and says nothing. Engine.IO sets its own time-out on what becomes a WebSocket.
    wsgi.server(
        listener,
        serve,
        protocol=protocol,
        log_output=False,
        debug=False,
        custom_pool=room,
        socket_timeout=settings.idle_seconds,
    )
