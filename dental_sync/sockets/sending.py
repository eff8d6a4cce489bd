"""What goes out of this process: events to rooms of its own sockets, and transports that are closed."""

from __future__ import annotations

from dental_sync.core.extensions import socketio
from dental_sync.sockets.protocol import ServerEvent
from dental_sync.sync.events import Message


def emit(event: ServerEvent, room: str | list[str]) -> None:
    """Emit what the server says itself, to sockets of this process only."""
    socketio.server.emit(event.type, event.wire(), to=room, ignore_queue=True)


def pass_on(message: Message, room: str | list[str]) -> None:
    """Emit a message of the log as it was stored, to sockets of this process only."""
    socketio.server.emit(message.type, message.wire(), to=room, ignore_queue=True)


def leave_room(sid: str, room: str) -> None:
    """Let a socket out of a room of this process, if both are still there."""
    # Only here: for a socket that is gone the message queue would be asked, and Redis may be slow to answer.
    if socketio.server.manager.is_connected(sid, "/"):
        socketio.server.leave_room(sid, room)


def queued(engine_id: str) -> int:
    """How many packets wait for a transport to be read; 0 where it is gone."""
    transport = socketio.server.eio.sockets.get(engine_id)
    return 0 if transport is None else int(transport.queue.qsize())


def hang_up(engine_id: str, *, abort: bool = False) -> None:
    """Close a transport without a Socket.IO disconnect, after which the client library would not come back.

    Never waits for the client to read what is queued: one that does not read would hold up the caller for ever.
    """
    transport = socketio.server.eio.sockets.get(engine_id)
    if transport is not None:
        transport.close(wait=False, abort=abort)
