"""The Socket.IO door: connect, subscribe, resume, authenticate, and the sockets that are open in this process."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, current_app, request
from flask_socketio import ConnectionRefusedError as ConnectRefused
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from dental_sync import accounts, errors
from dental_sync.actor import Actor
from dental_sync.channels import Channel
from dental_sync.delivery import HEARTBEAT, Delivery
from dental_sync.events import Message
from dental_sync.extensions import db, settings, socketio
from dental_sync.models import Dentist, Patient
from dental_sync.schedule import format_instant
from dental_sync.subscriptions import Registry, Subscription
from dental_sync.wire import Count, Id, Shape, Text, field_errors

logger = logging.getLogger(__name__)

# Every subscribed socket is in this room: the heartbeat reaches it once, however many channels it follows.
HEARTBEAT_ROOM = "heartbeat"
SUBSCRIPTIONS_PER_CONNECTION = 100
EXPIRY_NOTICE = timedelta(seconds=60)


@dataclass(slots=True)
class Connection:
    """One open socket: whose it is, until when, and what it follows."""

    sid: str
    actor: Actor
    expires_at: datetime
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    told_of_expiry: bool = False
    # A client's events are answered in the order in which it sent them.
    turn: threading.Lock = field(default_factory=threading.Lock)


class Sockets:
    """The open sockets of this process."""

    def __init__(self, app: Flask, registry: Registry) -> None:
        self._app = app
        self.registry = registry
        self.connections: dict[str, Connection] = {}
        self._used_ids: dict[str, int] = {}
        self.is_draining = False

    # What delivery asks for: see delivery.Rooms.

    def send(self, message: Message) -> None:
        """Send a message to its rooms; a socket in several of them gets it once."""
        _emit(message.type, message.wire(), list(message.channels))

    def ping(self, timestamp: str, position: int, epoch: str) -> None:
        """Send the heartbeat to every subscribed socket."""
        _emit(HEARTBEAT, {"timestamp": timestamp, "position": position, "epoch": epoch}, HEARTBEAT_ROOM)
        if any(connection.subscriptions for connection in self.connections.values()):
            self.registry.heartbeat_passed(timestamp)

    def resync(self, reason: str) -> None:
        """Tell every subscription to fetch a snapshot."""
        for connection in list(self.connections.values()):
            for channel in list(connection.subscriptions):
                _emit("resync", {"channel": channel, "reason": reason}, connection.sid)

    def withdraw(self, user_id: str) -> None:
        """Close the account's sockets whose session has ended or whose role has changed."""
        for connection in list(self.connections.values()):
            if str(connection.actor.user_id) == user_id:
                with self._app.app_context():
                    still_signed_in = accounts.is_still_signed_in(db.session(), connection.actor)
                if not still_signed_in:
                    self.close(connection, "the session has ended")

    # What the doors below and the watch do.

    def close(self, connection: Connection, reason: str) -> None:
        """Withdraw every subscription and disconnect for good: the client library does not come back by itself."""
        for subscription in list(connection.subscriptions.values()):
            self.leave(connection, subscription)
            closed = {"id": subscription.id, "channelName": subscription.channel, "reason": reason}
            _emit("subscription:closed", closed, connection.sid)
        socketio.server.disconnect(connection.sid, ignore_queue=True)

    def leave(self, connection: Connection, subscription: Subscription) -> None:
        """End one subscription."""
        connection.subscriptions.pop(subscription.channel, None)
        socketio.server.leave_room(connection.sid, subscription.channel)
        if not connection.subscriptions:
            socketio.server.leave_room(connection.sid, HEARTBEAT_ROOM)
        self.registry.remove([subscription])

    def new_subscription(self, connection: Connection, channel: str, now: datetime) -> Subscription:
        """Make a subscription with an id like `appointments:all-1699876543210`, never used before in this process."""
        milliseconds = max(int(now.timestamp() * 1000), self._used_ids.get(channel, 0) + 1)
        self._used_ids[channel] = milliseconds
        return Subscription(
            id=f"{channel}-{milliseconds}",
            channel=channel,
            created_at=format_instant(now),
            user_id=str(connection.actor.user_id),
            role=connection.actor.role,
            connection_id=connection.sid,
        )

    def watch(self, delivery: Delivery) -> None:
        """Keep the registry and mind the tokens' expiry, for as long as the process lives."""
        renew_at = 0.0
        while True:
            time.sleep(1.0)
            try:
                now = datetime.now(UTC)
                self.mind_expiry(now)
                self.registry.report(position=delivery.position, epoch=delivery.epoch, timestamp=format_instant(now))
                if time.monotonic() >= renew_at:
                    renew_at = time.monotonic() + self.registry.renewal_seconds
                    self.registry.renew()
            except Exception:
                logger.exception("the watch over the sockets stumbled and goes on")

    def ask_to_leave(self, seconds: Callable[[], float]) -> None:
        """Let nobody in any more, and ask each client to reconnect elsewhere after a time of its own."""
        self.is_draining = True
        for connection in list(self.connections.values()):
            _emit("draining", {"reconnectAfterMs": int(seconds() * 1000)}, connection.sid)

    def cut_off(self) -> None:
        """Close every transport; the clients come back by themselves."""
        for connection in list(self.connections.values()):
            _close_transport(connection)

    def mind_expiry(self, now: datetime) -> None:
        """Tell clients whose token is about to expire, and close the transport of those whose token has."""
        for connection in list(self.connections.values()):
            if now >= connection.expires_at:
                _close_transport(connection)
            elif now >= connection.expires_at - EXPIRY_NOTICE and not connection.told_of_expiry:
                connection.told_of_expiry = True
                _emit("token:expiring", {"expiresAt": format_instant(connection.expires_at)}, connection.sid)


def _emit(event: str, payload: dict[str, Any], room: str | list[str]) -> None:
    """Emit to the sockets of this process only."""
    socketio.server.emit(event, payload, to=room, ignore_queue=True)


def _close_transport(connection: Connection) -> None:
    """Hang up without a Socket.IO disconnect, after which the client library would not come back by itself."""
    engine_id = socketio.server.manager.eio_sid_from_sid(connection.sid, "/")
    if engine_id is not None:
        socketio.server.eio.disconnect(engine_id)


def _sockets() -> Sockets:
    found: Sockets = current_app.extensions["sockets"]
    return found


def _delivery() -> Delivery:
    found: Delivery = current_app.extensions["delivery"]
    return found


# The shapes of what clients emit.


class Subscribe(Shape):
    """Follow a channel, from a position on where one is given."""

    channel: Text
    since: Count | None = None
    epoch: Id | None = None


class Unsubscribe(Shape):
    """Stop following."""

    id: Text


class Authenticate(Shape):
    """Go on with a fresh token of the same account."""

    token: str


class Empty(Shape):
    """Nothing needs to be said."""


# The events. Each takes at most one payload, and answers {ok: true, …} or {ok: false, error: {code, detail}}.


@socketio.on("connect")
def connect(auth: object = None) -> None:
    """Let a client in whose token is valid; refuse it with the code that the contract names."""
    token = auth.get("token") if isinstance(auth, dict) else None
    try:
        if not isinstance(token, str):
            raise errors.Unauthorized
        signed_in = accounts.authenticate(db.session(), token)
        db.session.commit()
    except errors.Refusal as refusal:
        raise ConnectRefused(refusal.code, {"code": refusal.code}) from None
    except SQLAlchemyError:
        raise ConnectRefused("unavailable", {"code": "unavailable"}) from None
    delivery, sockets = _delivery(), _sockets()
    if not delivery.started.is_set() or sockets.is_draining:
        raise ConnectRefused("unavailable", {"code": "unavailable"})
    sid: str = request.sid  # type: ignore[attr-defined]  # Flask-SocketIO adds it
    sockets.connections[sid] = Connection(sid, signed_in.actor, signed_in.expires_at)
    sockets.registry.connected(sid)
    ready = {
        "connectionId": sid,
        "epoch": delivery.epoch,
        "position": delivery.position,
        "expiresAt": format_instant(signed_in.expires_at),
        "heartbeatSeconds": settings().heartbeat_seconds,
    }
    _emit("ready", ready, sid)


@socketio.on("disconnect")
def disconnect(_reason: object = None) -> None:
    """Forget a socket."""
    sid: str = request.sid  # type: ignore[attr-defined]  # Flask-SocketIO adds it
    if _sockets().connections.pop(sid, None) is not None:
        _sockets().registry.disconnected(sid)


def _answers(
    event: str, shape: type[Shape]
) -> Callable[[Callable[[Connection, Any], dict[str, Any]]], Callable[..., dict[str, Any]]]:
    """Register an event: check its payload, take the connection's turn, turn refusals into answers."""

    def decorate(handle: Callable[[Connection, Any], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        @functools.wraps(handle)
        def answer(*payload: object) -> dict[str, Any]:
            try:
                connection = _sockets().connections.get(request.sid)  # type: ignore[attr-defined]
                if connection is None:
                    raise errors.Unauthorized
                wish = _parse(shape, payload)
                with connection.turn:
                    return {"ok": True, **handle(connection, wish)}
            except errors.Refusal as refusal:
                return _refused(refusal)
            except SQLAlchemyError:
                return _refused(errors.Unavailable())
            except Exception:
                logger.exception("%s failed", event)
                return _refused(errors.InternalError())

        socketio.on(event)(answer)
        return answer

    return decorate


@_answers("subscribe", Subscribe)
def subscribe(connection: Connection, wish: Subscribe) -> dict[str, Any]:
    """Join a channel's room, without a gap after `since`."""
    channel = Channel.parse(wish.channel)
    sockets = _sockets()
    if not accounts.is_still_signed_in(db.session(), connection.actor):
        raise errors.Unauthorized
    if not channel.may_be_heard_by(connection.actor):
        raise errors.Forbidden("Your role may not hear this channel.")
    _check_exists(channel)
    db.session.remove()
    subscription = connection.subscriptions.get(channel.name)
    is_new = subscription is None
    if subscription is None:
        if len(connection.subscriptions) >= SUBSCRIPTIONS_PER_CONNECTION:
            raise errors.TooManySubscriptions
        subscription = sockets.new_subscription(connection, channel.name, datetime.now(UTC))

    def enter_room() -> None:
        socketio.server.enter_room(connection.sid, channel.name)
        socketio.server.enter_room(connection.sid, HEARTBEAT_ROOM)
        connection.subscriptions[channel.name] = subscription

    joined = _delivery().join(
        channel.name,
        since=wish.since,
        epoch=str(wish.epoch) if wish.epoch else None,
        send=lambda message: _emit(message.type, message.wire(), connection.sid),
        enter_room=enter_room,
    )
    if is_new:
        sockets.registry.add(subscription)
    return {
        "subscription": subscription.wire(),
        "position": joined.position,
        "epoch": joined.epoch,
        "replayed": joined.replayed,
        "resync": joined.resync,
    }


@_answers("unsubscribe", Unsubscribe)
def unsubscribe(connection: Connection, wish: Unsubscribe) -> dict[str, Any]:
    """Leave a channel; one that is not known was left before."""
    for subscription in list(connection.subscriptions.values()):
        if subscription.id == wish.id:
            _sockets().leave(connection, subscription)
    return {}


@_answers("unsubscribe_all", Empty)
def unsubscribe_all(connection: Connection, _wish: Empty) -> dict[str, Any]:
    """Leave every channel."""
    subscriptions = list(connection.subscriptions.values())
    for subscription in subscriptions:
        _sockets().leave(connection, subscription)
    return {"count": len(subscriptions)}


@_answers("subscriptions", Empty)
def subscriptions(connection: Connection, _wish: Empty) -> dict[str, Any]:
    """List what this socket follows."""
    return {"subscriptions": [subscription.wire() for subscription in connection.subscriptions.values()]}


@_answers("authenticate", Authenticate)
def authenticate(connection: Connection, wish: Authenticate) -> dict[str, Any]:
    """Go on with a fresh token; another account's is forbidden."""
    signed_in = accounts.authenticate(db.session(), wish.token)
    if signed_in.actor.user_id != connection.actor.user_id:
        raise errors.Forbidden("This token belongs to another account.")
    connection.actor, connection.expires_at = signed_in.actor, signed_in.expires_at
    connection.told_of_expiry = False
    return {"expiresAt": format_instant(signed_in.expires_at)}


@_answers("heartbeat", Empty)
def heartbeat(_connection: Connection, _wish: Empty) -> dict[str, Any]:
    """Answer a client that asks whether anybody is there."""
    delivery = _delivery()
    return {"timestamp": format_instant(datetime.now(UTC)), "position": delivery.position, "epoch": delivery.epoch}


@socketio.on("*")
def unknown_event(event: str, *_payload: object) -> dict[str, Any]:
    """Answer an event that does not exist, so that a client with a slip of the pen does not wait for ever."""
    return _refused(errors.InvalidPayload(f"There is no event {event[:50]!r}."))


def _parse(shape: type[Shape], payload: tuple[object, ...]) -> Shape:
    if len(payload) > 1:
        raise errors.InvalidPayload("An event takes one payload.")
    try:
        return shape.model_validate(payload[0] if payload and payload[0] is not None else {})
    except ValidationError as failure:
        wrong = "; ".join(f"{error['pointer'] or '/'} {error['detail']}" for error in field_errors(failure))
        raise errors.InvalidPayload(wrong) from None


def _refused(refusal: errors.Refusal) -> dict[str, Any]:
    return {"ok": False, "error": {"code": refusal.code, "detail": refusal.detail}}


def _check_exists(channel: Channel) -> None:
    table = Patient if channel.kind == "patient" else Dentist
    if (
        channel.record_id is not None
        and db.session.scalar(select(table.id).where(table.id == channel.record_id)) is None
    ):
        raise errors.UnknownChannel
