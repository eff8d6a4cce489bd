"""The Socket.IO door: connect, subscribe, resume, authenticate."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import request
from flask_socketio import ConnectionRefusedError as ConnectRefused
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from dental_sync.core import callers, errors, services
from dental_sync.core.extensions import db, socketio
from dental_sync.core.instants import format_instant
from dental_sync.core.rate_limits import count_stranger
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Count, Id, Nothing, Shape, Word, field_errors
from dental_sync.records import audit, merging, refusals, tokens
from dental_sync.records.remembered_sign_ins import RememberedSignIns
from dental_sync.sockets.connection import Connection
from dental_sync.sockets.connections import Connections
from dental_sync.sockets.noting import Followings
from dental_sync.sockets.protocol import (
    Acknowledgement,
    Authenticated,
    Beaten,
    Done,
    Ready,
    Subscribed,
    Subscriptions,
    UnsubscribedAll,
    refused,
)
from dental_sync.sockets.sending import emit
from dental_sync.storage import row_security
from dental_sync.storage.models import Dentist
from dental_sync.storage.people_models import Patient
from dental_sync.sync.channels import Channel
from dental_sync.sync.delivery import Delivery

logger = logging.getLogger(__name__)

SUBSCRIPTIONS_PER_CONNECTION = 100

Acknowledged = TypeVar("Acknowledged", bound=Acknowledgement)


def _connections() -> Connections:
    return services.current(Connections)


def _delivery() -> Delivery:
    return services.current(Delivery)


# The shapes of what clients emit.


class Subscribe(Shape):
    """Follow a channel, from a position on where one is given."""

    channel: Word
    since: Count | None = None
    epoch: Id | None = None


class Unsubscribe(Shape):
    """Stop following."""

    id: Word


class Authenticate(Shape):
    """Go on with a fresh token of the same account."""

    token: str


# The table of the record that a kind of channel names.
_RECORDS: dict[str, type[Patient | Dentist]] = {"patient": Patient, "dentist": Dentist, "availability": Dentist}

# The shape of each event that clients emit, and of its acknowledgement, by its name.
SHAPES: dict[str, type[Shape]] = {}
ACKNOWLEDGED: dict[str, type[Acknowledgement]] = {}


# The events. Each takes at most one payload, and answers {ok: true, …} or {ok: false, error: {code, detail}}.


@socketio.on("connect")
def connect(auth: object = None) -> None:
    """Accept a client with a valid token; refuse others with the code that the contract names."""
    token = auth.get("token") if isinstance(auth, dict) else None
    sid: str = request.sid  # type: ignore[attr-defined]  # Flask-SocketIO adds it
    connections, sign_ins = _connections(), services.current(RememberedSignIns)
    try:
        generation = sign_ins.generation
        signed_in = _who_connects(token)
        delivery = _delivery()
        if not delivery.started.is_set():
            raise errors.Unavailable
        connections.admit(sid, signed_in.actor, signed_in.expires_at, callers.network(request.remote_addr))
        if sign_ins.generation != generation:
            # Who was withdrawn from while it was looked up was not among the open ones.
            connections.check_signed_in(connections.open[sid])
    except (errors.Unavailable, errors.RateLimited, SQLAlchemyError):
        # This will pass, and a refusal would end the client library's own attempts: it only hears of a lost transport.
        connections.forget(sid)
        connections.turn_away(sid)
        connections.refused["unavailable"] += 1
        raise ConnectRefused("unavailable") from None
    except errors.Refusal as refusal:
        connections.forget(sid)
        connections.refused[refusal.code] += 1
        raise ConnectRefused(refusal.code, {"code": refusal.code}) from None
    ready = Ready.model_validate(
        {
            "connection_id": sid,
            "epoch": delivery.epoch,
            "position": delivery.position,
            "expires_at": signed_in.expires_at,
            "heartbeat_seconds": settings().heartbeat_seconds,
        }
    )
    emit(ready, sid)


def _who_connects(token: object) -> tokens.SignedIn:
    """Who a token belongs to; raises its refusal, or RateLimited after too many wrong ones from one address."""
    try:
        if not isinstance(token, str):
            raise errors.Unauthorized
        return tokens.authenticate(db.session(), token)
    except errors.Unauthorized as refusal:
        count_stranger("invalid-token", request.remote_addr)
        if isinstance(token, str):
            refusals.note_wrong_token(refusal, "socket connect")
        raise


@socketio.on("disconnect")
def disconnect(_reason: object = None) -> None:
    """Forget a socket."""
    sid: str = request.sid  # type: ignore[attr-defined]  # Flask-SocketIO adds it
    _connections().forget(sid)


def _answers(
    event: str, shape: type[Shape], acknowledgement: type[Acknowledged]
) -> Callable[[Callable[[Connection, Any], Acknowledged]], Callable[..., dict[str, Any]]]:
    """Register an event: check its payload, take the connection's turn, turn refusals into answers."""

    def decorate(handle: Callable[[Connection, Any], Acknowledged]) -> Callable[..., dict[str, Any]]:
        @functools.wraps(handle)
        def answer(*payload: object) -> dict[str, Any]:
            connection = _connections().open.get(request.sid)  # type: ignore[attr-defined]
            try:
                if connection is None:
                    raise errors.Unauthorized
                _connections().count_event(connection)
                wish = _parse(shape, payload)
                row_security.become(db.session(), connection.actor)
                with connection.turn:
                    return handle(connection, wish).wire()
            except errors.Refusal as refusal:
                if isinstance(refusal, errors.Forbidden) and connection is not None:
                    refusals.note_forbidden(connection.actor, f"socket {event}")
                return refused(refusal)
            except SQLAlchemyError:
                return refused(errors.Unavailable())
            except Exception:
                logger.exception("%s failed", event)
                return refused(errors.InternalError())

        SHAPES[event] = shape
        ACKNOWLEDGED[event] = acknowledgement
        socketio.on(event)(answer)
        return answer

    return decorate


@_answers("subscribe", Subscribe, Subscribed)
def subscribe(connection: Connection, wish: Subscribe) -> Subscribed:
    """Join a channel's room, without a gap after `since`."""
    channel = Channel.parse(wish.channel)
    connections = _connections()
    withdrawals = connection.withdrawals
    connections.check_may_hear(connection, channel)
    row_security.become(db.session(), connection.actor)
    if channel.record_id not in connection.actor.own_records:
        _check_exists(channel)
    # Before others are waited for: no connection to the database is held meanwhile.
    db.session.remove()
    _note_subscription(connection, channel)
    subscription = connection.subscriptions.get(channel.name)
    is_new = subscription is None
    if subscription is None:
        if len(connection.subscriptions) >= SUBSCRIPTIONS_PER_CONNECTION:
            raise errors.TooManySubscriptions
        subscription = connections.new_subscription(connection, channel.name, datetime.now(UTC))

    joined = _delivery().join(
        channel.name,
        since=wish.since,
        epoch=str(wish.epoch) if wish.epoch else None,
        authorize=lambda: connections.check_may_hear(connection, channel),
        send=lambda message: connections.replay_to(connection, message),
        enter_room=lambda: connections.enter(connection, subscription, withdrawals),
    )
    if is_new:
        connections.registry.add(subscription)
    return Subscribed.model_validate(
        {
            "ok": True,
            "subscription": subscription.answer(),
            "position": joined.position,
            "epoch": joined.epoch,
            "replayed": joined.replayed,
            "resync": joined.resync,
        }
    )


@_answers("unsubscribe", Unsubscribe, Done)
def unsubscribe(connection: Connection, wish: Unsubscribe) -> Done:
    """Leave a channel; one that is not known was left before."""
    for subscription in list(connection.subscriptions.values()):
        if subscription.id == wish.id:
            _connections().leave(connection, subscription)
    return Done(ok=True)


@_answers("unsubscribe_all", Nothing, UnsubscribedAll)
def unsubscribe_all(connection: Connection, _wish: Nothing) -> UnsubscribedAll:
    """Leave every channel."""
    subscriptions = list(connection.subscriptions.values())
    for subscription in subscriptions:
        _connections().leave(connection, subscription)
    return UnsubscribedAll(ok=True, count=len(subscriptions))


@_answers("subscriptions", Nothing, Subscriptions)
def subscriptions(connection: Connection, _wish: Nothing) -> Subscriptions:
    """List what this socket follows."""
    return Subscriptions(
        ok=True, subscriptions=[subscription.answer() for subscription in connection.subscriptions.values()]
    )


@_answers("authenticate", Authenticate, Authenticated)
def authenticate(connection: Connection, wish: Authenticate) -> Authenticated:
    """Go on with a fresh token; another account's is forbidden."""
    signed_in = tokens.authenticate(db.session(), wish.token)
    connection.go_on_as(signed_in)
    return Authenticated(ok=True, expires_at=signed_in.expires_at)


@_answers("heartbeat", Nothing, Beaten)
def heartbeat(_connection: Connection, _wish: Nothing) -> Beaten:
    """Answer a client that asks whether anybody is there."""
    delivery = _delivery()
    beat = {"timestamp": format_instant(datetime.now(UTC)), "position": delivery.position, "epoch": delivery.epoch}
    return Beaten.model_validate({"ok": True, **beat})


@socketio.on("*")
def unknown_event(event: str, *_payload: object) -> dict[str, Any]:
    """Refuse an event that does not exist, so that a client that misspelled it gets an answer."""
    return refused(errors.InvalidPayload(f"There is no event {event[:50]!r}."))


def _parse(shape: type[Shape], payload: tuple[object, ...]) -> Shape:
    if len(payload) > 1:
        raise errors.InvalidPayload("An event takes one payload.")
    try:
        return shape.model_validate(payload[0] if payload and payload[0] is not None else {})
    except ValidationError as failure:
        wrong = "; ".join(f"{error['pointer'] or '/'} {error['detail']}" for error in field_errors(failure))
        raise errors.InvalidPayload(wrong) from None


def _note_subscription(connection: Connection, channel: Channel) -> None:
    kinds = {"patient": "patient", "dentist": "dentist", "appointments": "appointment"}
    if channel.kind not in kinds or channel.name in connection.subscriptions:
        return
    whose = str(connection.actor.user_id), channel.name, request.remote_addr or ""
    followings = services.current(Followings)
    if not followings.was_noted_lately(*whose):
        followings.note(*whose, audit.reading(connection.actor, "subscribe", kinds[channel.kind], channel.record_id))


def _check_exists(channel: Channel) -> None:
    if channel.record_id is None:
        return
    table = _RECORDS[channel.kind]
    if db.session.scalar(select(table.id).where(table.id == channel.record_id)) is None:
        if merging.now(db.session(), channel.record_id) != channel.record_id:
            raise errors.Forbidden("The record was merged into another one; follow that.")
        raise errors.UnknownChannel
