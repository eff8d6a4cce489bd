"""A web process among several on one port: what it accepts, and what it hands on to the sibling that must answer it.

A polling client's requests come on any connection, and so to any process; only one knows its transport. The id of a
transport names the process that made it. A process that finds such an id of a sibling passes the TCP connection on as
it is, with nothing of the request taken out of it: the sibling serves it as if it had accepted it itself, the upgrade
to WebSocket included, and this process has no more to do with it.
"""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from socket import MSG_PEEK
from typing import TYPE_CHECKING, Any, ClassVar

import eventlet
from eventlet import hubs, patcher
from eventlet.queue import Queue
from flask import Flask

from dental_sync.core import callers, errors, services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import socketio
from dental_sync.processes.drain import Door
from dental_sync.processes.eventlet_server import Protocol, Room, prepare, serve_on, within
from dental_sync.processes.eventlet_sockets import FairSocket, Listener
from dental_sync.processes.listening import listen
from dental_sync.processes.siblings import TAKES_NOBODY, Place, of_place, owner_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_socket = patcher.original("socket")

# A request line of Socket.IO is shorter. Of a longer one, or one that comes in parts, the id is not seen: its caller is
# answered that there is no such transport, and connects again.
HEAD_BYTES = 2_048
# Who has so many connections more than a sibling lets the others accept first: all are woken by each caller, and one
# that is up at once would take most of them.
ABOUT_AS_MANY = 4
AFTER_YOU_SECONDS = 0.005
# How long a sibling may leave what it is handed.
HANDING_SECONDS = 5.0


# What is asked of one process and not of all; and how many may ask at a time.
_OF_ONE_PROCESS = frozenset({"/metrics", "/api/ready", "/api/live"})
ASK_AT_ONCE = 16


def serve(app: Flask, settings: Settings, place: Place) -> None:
    """Serve for ever, as one of several; raises OSError when this process's own address is not to be had."""
    room = prepare(app, settings)
    mark_transports(place)
    own = Listener(listen(settings.host, settings.metrics_port + place.number, by=_socket))
    eventlet.spawn(stop_with_parent, place)
    eventlet.spawn(serve_on, own, by_own_port(app), settings, room=Room(ASK_AT_ONCE))
    shared = SharedListener(place, room)
    services.provide(app, Door(shared.take_no_more))
    protocol = type("SiblingProtocol", (SharedProtocol,), {"place": place})
    serve_on(shared, app, settings, room=room, protocol=protocol)


def stop_with_parent(place: Place) -> None:
    """Stop as if asked to when the parent has ended, however that was: nobody else would ask."""
    hubs.trampoline(place.parent, read=True)
    os.kill(os.getpid(), signal.SIGTERM)


def by_own_port(serve: WSGIApplication) -> WSGIApplication:
    """What a process answers on its own port: what is about itself."""

    def serve_own(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") not in _OF_ONE_PROCESS:
            body = json.dumps(errors.NotFound("Not on the port of one process.").problem()).encode()
            start_response("404 Not Found", [("Content-Type", "application/problem+json")])
            return [body]
        environ[callers.OWN_PORT] = True
        return serve(environ, start_response)

    return serve_own


def mark_transports(place: Place) -> None:
    """Let the ids of this process's transports say whose they are."""
    engine = socketio.server.eio
    generate = engine.generate_id
    engine.generate_id = lambda: of_place(generate(), place)


class Handable(FairSocket):
    """A client's connection, of which the process may look at what is there without waiting for more."""

    # Whether nothing is to be received now.
    is_held = False

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Receive a part."""
        if self.is_held:
            raise BlockingIOError(errno.EAGAIN, "held")
        return super().recv_into(buffer, nbytes, flags)


class SharedListener:
    """Where callers come in, those that siblings hand on among them."""

    def __init__(self, place: Place, room: Room) -> None:
        self._place, self._room = place, room
        self._is_closed = False
        self._say_load()
        # A sibling must not hold back for those who have left.
        room.changed = self._say_load
        self._inbox = place.inbox
        self._inbox.setblocking(False)
        # Not more than are served: what waits in the kernel, another process may take.
        self._arrived: Queue = Queue(1)
        self._accepting: Any = None
        # What the server writes down of it.
        self.family, self.getsockname = place.shared.family, place.shared.getsockname
        eventlet.spawn(self._accept)
        eventlet.spawn(self._receive)

    def accept(self) -> Any:
        """The next caller; raises OSError where none can be taken any more."""
        arrived = self._arrived.get()
        if isinstance(arrived, OSError):
            raise arrived
        return arrived

    def close(self) -> None:
        """The server has ended."""

    def take_no_more(self) -> None:
        """Leave further callers to the siblings, or refuse them where there is none; those who were let in go on."""
        # What has come in by now is accepted before.
        eventlet.sleep(0)
        self._is_closed = True
        if self._accepting is not None:
            eventlet.kill(self._accepting)
        self._place.shared.close()
        self._place.loads[self._place.number] = TAKES_NOBODY

    def _accept(self) -> None:
        try:
            self._accept_while_open()
        except OSError as failure:
            self._arrived.put(failure)

    def _accept_while_open(self) -> None:
        while not self._is_closed:
            self._accepting = eventlet.getcurrent()
            hubs.trampoline(self._place.shared, read=True)
            if self._has_more_than_others():
                eventlet.sleep(AFTER_YOU_SECONDS)
            # From here on it must not be ended: it would take a caller with it.
            self._accepting = None
            with suppress(BlockingIOError, ConnectionError):
                connection, address = self._place.shared.accept()
                hubs.notify_opened(connection.fileno())
                self._arrived.put((Handable(connection), address))

    def _has_more_than_others(self) -> bool:
        loads = self._place.loads
        return loads[self._place.number] > min(loads) + ABOUT_AS_MANY

    def _say_load(self) -> None:
        if not self._is_closed:
            self._place.loads[self._place.number] = self._room.count

    def _receive(self) -> None:
        while True:
            hubs.trampoline(self._inbox, read=True)
            with suppress(BlockingIOError):
                _, descriptors, _, _ = _socket.recv_fds(self._inbox, 1, 1)
                for descriptor in descriptors:
                    hubs.notify_opened(descriptor)
                    self._take(Handable(_socket.socket(fileno=descriptor)))

    def _take(self, connection: Handable) -> None:
        # Whose caller has left already has no name any more, and is of no use.
        with suppress(OSError):
            self._arrived.put((connection, connection.getpeername()))


class SharedProtocol(Protocol):
    """HTTP, with each request looked at before it is read."""

    place: ClassVar[Place]
    _is_handed_on = False

    def _read_request_line(self) -> Any:
        with within(self.server.socket_timeout):
            owner = self._owner()
        if owner is None or owner == self.place.number or owner >= len(self.place.outboxes):
            return super()._read_request_line()
        self._hand_on(self.place.outboxes[owner])
        self._is_handed_on = True
        return ""

    def finish(self) -> None:
        """Close the connection, or what this process has of it."""
        if not self._is_handed_on:
            super().finish()
            return
        self.wfile.close()
        self.rfile.close()
        self.connection.close()

    def _owner(self) -> int | None:
        connection: Handable = self.connection
        connection.is_held = True
        try:
            # What a caller sent along with its last request is here, and cannot be handed on.
            waits_here = self.rfile.peek(1)
        finally:
            connection.is_held = False
        return None if waits_here else owner_of(connection.recv(HEAD_BYTES, MSG_PEEK))

    def _hand_on(self, outbox: Any) -> None:
        with within(HANDING_SECONDS):
            while True:
                try:
                    _socket.send_fds(outbox, [b"."], [self.connection.fileno()])
                    return
                except BlockingIOError:
                    hubs.trampoline(outbox, write=True)
