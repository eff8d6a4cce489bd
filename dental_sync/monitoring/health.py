"""The state of the service: one sentence for each fault, for an operator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from redis import Redis, RedisError
from sqlalchemy import Engine, func, literal, select, union_all
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dental_sync.core.brief import Brief
from dental_sync.core.seen import BEAT_SEEN_KEY, LANE_SEEN_KEY
from dental_sync.mail import outbox
from dental_sync.storage import row_security
from dental_sync.storage.log_models import Change, RecordChange
from dental_sync.storage.models import WriteRequest
from dental_sync.sync import log
from dental_sync.sync.delivery import Delivery

# What is older than this is not on its way any more.
OLDEST_WRITE_SECONDS = 10.0
OLDEST_CHANGE_SECONDS = 5.0
# A mail server may be away for as long.
OLDEST_MAIL_SECONDS = 3600.0

Status = Literal["healthy", "degraded", "unhealthy"]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has been asked for and not been decided, what has been changed and not been published, and the log's end."""

    pending_writes: int
    oldest_write_seconds: float
    unpublished_changes: int
    oldest_change_seconds: float
    head: log.Head


@dataclass(slots=True)
class Health:
    """`ok`, or the fault, for each check.

    `unhealthy` is a process that is of no use now, and should get no calls; `degraded` is what the system survives, as
    long as it is mended by itself or by an operator.
    """

    checks: dict[str, str] = field(default_factory=dict)
    status: Status = "healthy"
    # None while PostgreSQL does not answer.
    backlog: Backlog | None = None

    def fails(self, name: str, sentence: str, status: Status) -> None:
        """Note a fault."""
        self.checks[name] = sentence
        if self.status != "unhealthy":
            self.status = status


class RecentHealth(Brief[dict[str, Any]]):
    """What was last answered of it: many may ask at once, and each look costs queries."""


class RecentReadiness(Brief[list[str]]):
    """Why a process was last found unready, likewise."""


@dataclass(frozen=True, slots=True)
class HealthDatabase:
    """The database by a connection of health's own: whether it answers must not depend on who else uses the pool."""

    engine: Engine


def examine(database: HealthDatabase, redis: Redis, delivery: Delivery) -> Health:
    """Look at everything that a booking needs on its way to every screen; no connection is held meanwhile."""
    health = Health({"database": "ok", "redis": "ok", "worker": "ok", "beat": "ok", "writes": "ok", "log": "ok"})
    health.checks |= {"triggers": "ok", "mail": "ok", "delivery": "ok"}
    _try_database(database, delivery, health)
    try:
        lane_seen, beat_seen = redis.mget(LANE_SEEN_KEY, BEAT_SEEN_KEY)
        if lane_seen is None:
            health.fails("worker", "no worker has looked for writes lately", "degraded")
        if beat_seen is None:
            health.fails("beat", "beat has not rung lately", "degraded")
    except RedisError:
        health.fails("redis", "Redis does not answer", "degraded")
        for name in ("worker", "beat"):
            health.fails(name, "not known while Redis is away", "degraded")
    return health


def why_unready(database: HealthDatabase, delivery: Delivery) -> list[str]:
    """Why this process can be of no use to a caller now; empty where it can. Redis is not asked: calls go without."""
    health = Health()
    _try_database(database, delivery, health)
    if health.status != "unhealthy":
        return []
    return [said for name, said in health.checks.items() if name in ("database", "delivery")]


def _try_database(database: HealthDatabase, delivery: Delivery, health: Health) -> None:
    try:
        with Session(database.engine) as session:
            row_security.become(session, row_security.SYSTEM)
            _examine_database(session, delivery, health)
    except SQLAlchemyError:
        health.fails("database", "PostgreSQL does not answer", "unhealthy")
        for name in ("writes", "log", "triggers", "mail", "delivery"):
            health.fails(name, "not known while PostgreSQL is away", "unhealthy")


def _examine_database(session: Session, delivery: Delivery, health: Health) -> None:
    backlog = health.backlog = _backlog(session)
    if backlog.oldest_write_seconds > OLDEST_WRITE_SECONDS:
        waited = f"the oldest write has been waiting for {backlog.oldest_write_seconds:.0f} s"
        health.fails("writes", waited, "degraded")
    if backlog.oldest_change_seconds > OLDEST_CHANGE_SECONDS:
        waited = f"the oldest change has not been published for {backlog.oldest_change_seconds:.0f} s"
        health.fails("log", waited, "degraded")
    silent = log.silent_tables(session)
    if silent:
        health.fails("triggers", f"changes go unseen, their triggers are disabled: {', '.join(silent)}", "degraded")
    mails = outbox.backlog(session)
    if mails.given_up:
        said = "1 mail was" if mails.given_up == 1 else f"{mails.given_up} mails were"
        health.fails("mail", f"{said} given up in the last day: the mail server did not take them", "degraded")
    elif mails.oldest_seconds > OLDEST_MAIL_SECONDS:
        health.fails("mail", f"the oldest mail has been waiting for {mails.oldest_seconds / 3600:.1f} h", "degraded")
    if not delivery.started.is_set():
        health.fails("delivery", "this process has not begun to deliver", "unhealthy")
    elif delivery.seconds_behind(backlog.head) > OLDEST_CHANGE_SECONDS:
        behind = backlog.head.position - delivery.position
        health.fails("delivery", f"this process is {behind} messages behind and does not catch up", "unhealthy")


def _backlog(session: Session) -> Backlog:
    now = func.clock_timestamp()
    writes = (
        select(func.count().label("count"), func.min(WriteRequest.received_at).label("oldest"))
        .where(WriteRequest.status == "pending")
        .subquery()
    )
    noted = union_all(select(Change.occurred_at), select(RecordChange.occurred_at)).subquery()
    changes = select(func.count().label("count"), func.min(noted.c.occurred_at).label("oldest")).subquery()
    found = session.execute(
        select(
            writes.c.count.label("writes"),
            func.coalesce(func.extract("epoch", now - writes.c.oldest), 0).label("write_seconds"),
            changes.c.count.label("changes"),
            func.coalesce(func.extract("epoch", now - changes.c.oldest), 0).label("change_seconds"),
        ).join_from(writes, changes, literal(True))
    ).one()
    return Backlog(
        found.writes, float(found.write_seconds), found.changes, float(found.change_seconds), log.head(session)
    )
