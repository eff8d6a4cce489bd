"""The `/api/sync` routes: is it well, who listens, and the log over HTTP."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response, jsonify
from pydantic import BeforeValidator, Field

from dental_sync.api import openapi
from dental_sync.api.answers import EventsAnswer, HealthAnswer, StatsAnswer, StatusAnswer
from dental_sync.api.requests import ADMINS, actor, for_visitors, token_auth
from dental_sync.core import errors, services
from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.core.notices import notices
from dental_sync.core.redis import redis
from dental_sync.core.wire_types import Count, Flag, Id, Shape, to_count
from dental_sync.monitoring.health import HealthDatabase, RecentHealth, examine
from dental_sync.records import audit
from dental_sync.sockets.subscriptions import Registry, statistics, statistics_by_role
from dental_sync.sync import channels, log
from dental_sync.sync.delivery import Delivery
from dental_sync.sync.events import Message

blueprint = APIBlueprint("sync", __name__, tag="Sync")

HIGHEST_EVENTS_LIMIT = 500


class Since(Shape):
    """From where to read the log."""

    since: Count
    epoch: Id | None = None
    limit: Annotated[int, Field(ge=1, le=HIGHEST_EVENTS_LIMIT, examples=[100]), BeforeValidator(to_count)] = 100


class StatsWanted(Shape):
    """How much of it."""

    subscriptions: Annotated[Flag, Field(description="False leaves the list of subscriptions empty.")] = True


@blueprint.get("/sync/health")
@openapi.answers(HealthAnswer)
@openapi.answers(HealthAnswer, 503)
def health() -> Response:
    """Whether bookings come through, and the faults when they do not.

    `unhealthy` (503) is for what makes the service useless, `degraded` (200) for what it survives. The answer may be a
    second old: `timestamp` says when was looked.
    """
    body = services.current(RecentHealth).get(_look)
    response = jsonify(body)
    response.status_code = 503 if body["status"] == "unhealthy" else 200
    response.headers["Cache-Control"] = "no-store"
    return response


def _look() -> dict[str, Any]:
    found = examine(services.current(HealthDatabase), redis(), services.current(Delivery))
    return {
        "status": found.status,
        "service": "realtime-sync",
        "activeSubscriptions": _registry().count(),
        "timestamp": _now(),
        "checks": found.checks,
        "notices": notices(services.settings()),
    }


@blueprint.get("/sync/status")
@blueprint.auth_required(token_auth)
@openapi.answers(StatusAnswer)
def status() -> dict[str, Any]:
    """My live subscriptions, over all web processes; an admin's answer shows everybody's."""
    positions = _positions()
    found = _registry().subscriptions(None if actor().administers else actor().user_id)
    return {
        "status": "active",
        "activeSubscriptions": len(found),
        "subscriptions": [subscription.answer().wire() for subscription in found],
        "timestamp": _now(),
        **positions,
    }


@blueprint.get("/sync/stats")
@blueprint.auth_required(token_auth, roles=ADMINS)
@blueprint.input(StatsWanted, location="query", arg_name="wanted")
@openapi.answers(StatsAnswer)
def stats(wanted: StatsWanted) -> dict[str, Any]:
    """How many listen to what, over all web processes."""
    positions = _positions()
    found = _registry().subscriptions()
    return {
        "stats": statistics(found),
        "subscriptions": [subscription.answer().wire() for subscription in found] if wanted.subscriptions else [],
        "timestamp": _now(),
        "byRole": dict(Counter(subscription.role for subscription in found)),
        "roles": statistics_by_role(found),
        "activeConnections": _registry().connection_count(),
        "lastHeartbeat": _registry().last_heartbeat(),
        **positions,
    }


@blueprint.get("/sync/events")
@for_visitors
@blueprint.auth_required(token_auth)
@blueprint.input(Since, location="query", arg_name="wanted")
@openapi.answers(EventsAnswer, refuses=[errors.ResyncRequired])
def events(wanted: Since) -> dict[str, Any]:
    """What a socket would have sent me after a position; an admin gets every row of the log."""
    session = db.session()
    head = log.head(session)
    head.check_since(wanted.since, str(wanted.epoch) if wanted.epoch else None)
    messages = log.read(
        session,
        since=wanted.since,
        through=head.position,
        limit=wanted.limit,
        channels=channels.heard_by(actor()),
    )
    # Again: what was pruned between the look at the head and the read would be missing in silence.
    log.head(session).check_since(wanted.since, head.epoch)
    audit.note_read(session, actor(), "sync-events", "appointment", _appointments_in(messages))
    # A full page ends at its last message, any other at the head: nothing in between concerned the caller.
    position = messages[-1].position if len(messages) == wanted.limit else head.position
    return {
        "events": [{"type": message.type, **message.wire()} for message in messages],
        "position": position,
        "epoch": head.epoch,
        "more": position < head.position,
    }


def _appointments_in(messages: Sequence[Message]) -> list[uuid.UUID]:
    """Whose data these messages show: each appointment once."""
    ids = [
        message.payload["appointmentId"] if "appointmentId" in message.payload else message.payload["appointment"]["id"]
        for message in messages
        if message.type.startswith("appointment:")
    ]
    return [uuid.UUID(appointment_id) for appointment_id in dict.fromkeys(ids)]


def _positions() -> dict[str, Any]:
    """Where the log ends, and how far behind it each web process was when it last said so."""
    head = log.head(db.session())
    # Nobody waits for Redis with a connection to the database in hand.
    db.session.close()
    processes = _registry().processes()
    for process in processes:
        process["lag"] = max(0, head.position - process["position"])
    return {"position": head.position, "epoch": head.epoch, "processes": processes}


def _registry() -> Registry:
    return services.current(Registry)


def _now() -> str:
    return format_instant(datetime.now(UTC))
