"""What goes out of this process: events to rooms of its own sockets, and transports that are closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from socketio.packet import EVENT

from dental_sync.core.extensions import socketio
from dental_sync.sockets.protocol import ServerEvent
from dental_sync.sockets.transport import Transport
from dental_sync.sockets.writing import Framed
from dental_sync.sync.events import Message


def emit(event: ServerEvent, room: str) -> None:
    """Emit what the server says itself, to sockets of this process only."""
    framed = _framed(event.type, event.wire())
    for _, transport in transports([room]):
        transport.send_framed(framed)


def framed_message(message: Message) -> Framed:
    """A message of the log as it was stored, for everybody who gets it."""
    return _framed(message.type, message.wire())


def transports(rooms: Sequence[str]) -> Iterator[tuple[str, Transport]]:
    """The sockets of this process that are in any of the rooms, each once: their ids and what carries them."""
    is_open = socketio.server.eio.sockets
    for sid, engine_id in socketio.server.manager.get_participants("/", rooms):
        transport = is_open.get(engine_id)
        if transport is not None:
            yield sid, transport


def transport_of(sid: str) -> Transport | None:
    """What carries a socket of this process; None where it is gone."""
    engine_id = socketio.server.manager.eio_sid_from_sid(sid, "/")
    found: Transport | None = socketio.server.eio.sockets.get(engine_id)
    return found


def leave_room(sid: str, room: str) -> None:
    """Let a socket out of a room of this process, if both are still there."""
    # Only here: for a socket that is gone the message queue would be asked, and Redis may be slow to answer.
    if socketio.server.manager.is_connected(sid, "/"):
        socketio.server.leave_room(sid, room)


def hang_up(sid: str, *, abort: bool = False) -> None:
    """Close a socket's transport without a Socket.IO disconnect, after which its library would not come back.

    Never waits for the client to read what is queued: one that does not read would hold up the caller for ever.
    """
    transport = transport_of(sid)
    if transport is not None:
        transport.close(wait=False, abort=abort)


def _framed(event: str, payload: dict[str, Any]) -> Framed:
    return Framed(socketio.server.packet_class(EVENT, data=[event, payload]).encode())
