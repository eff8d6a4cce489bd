"""`dental-sync check`: everything around the processes that an operator has to set right, looked at without them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from redis import Redis, RedisError
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from dental_sync.core.config import Settings, misspelt, role_of, sqlalchemy_url
from dental_sync.core.connection_sum import connection_sum
from dental_sync.core.notices import notices
from dental_sync.core.redis import connect_redis, tls_options
from dental_sync.monitoring import limits, privileges
from dental_sync.sockets.subscriptions import Registry
from dental_sync.storage import schema, statement_log

# Beyond it a token is refused as expired, or a booking as past, that is none.
CLOCK_SECONDS = 2.0
CONNECT_SECONDS = 5
OLDEST_POSTGRESQL = 140_000

_ROLE = text("""
    SELECT rolsuper, rolbypassrls, pg_has_role(rolname, :owner, 'MEMBER') AS is_member
    FROM pg_roles WHERE rolname = :role
""")
_EPOCH = text("SELECT epoch FROM log_head")
_CLOCK = text("SELECT extract(epoch FROM clock_timestamp())")

Level = Literal["ok", "notice", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look has found; a notice is a choice, and a fault is to be mended."""

    level: Level
    about: str
    sentence: str


def check(settings: Settings, web_processes: int | None) -> Iterator[Finding]:
    """Look at everything; `web_processes` None: as many as are registered in Redis, at least one."""
    yield from _settings(settings)
    redis = connect_redis(settings.redis_url, connections=1, **tls_options(settings))
    count = web_processes or max(1, len(Registry(redis, ttl_seconds=settings.registry_ttl_seconds).processes()))
    with ExitStack() as connections:
        yield from _databases(settings, count, connections)
        connections.callback(redis.close)
        yield from _redis(redis, settings, count)


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding("ok", "settings", "every setting can be what it says")
    for sentence in notices(settings):
        yield Finding("notice", "settings", sentence)
    for name, alike in misspelt().items():
        yield Finding("notice", "settings", f"{name} is no setting and is ignored; {alike} is one")
    match settings.origins:
        case None:
            yield Finding("ok", "origins", "only pages of our own address may call (CORS_ORIGINS)")
        case "*":
            level: Level = "ok" if settings.demo_mode else "notice"
            yield Finding(level, "origins", "CORS_ORIGINS=*: pages of every address may call")
        case origins:
            yield Finding("ok", "origins", f"pages of {', '.join(origins)} may call (CORS_ORIGINS)")


def _databases(settings: Settings, web_processes: int, connections: ExitStack) -> Iterator[Finding]:
    found: dict[str, Connection] = {}
    for name in ("DATABASE_URL", "WEB_DATABASE_URL", "WORKER_DATABASE_URL"):
        url = getattr(settings, name.lower())
        if name != "DATABASE_URL" and url == settings.database_url:
            continue
        engine = create_engine(
            sqlalchemy_url(url), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS}
        )
        try:
            found[name] = connections.enter_context(engine.connect())
        except SQLAlchemyError as failure:
            yield Finding("fault", "database", f"{name}: {_brief(failure)}")
    for name, connection in found.items():
        try:
            yield from _one_database(name, connection)
            connection.rollback()
        except SQLAlchemyError as failure:
            yield Finding("fault", "database", f"{name}: {_brief(failure)}")
            connection.rollback()
    owner = found.get("DATABASE_URL")
    if owner is None:
        return
    try:
        yield from _roles(owner, settings)
        is_current = False
        for finding in _schema(owner):
            is_current = finding.level == "ok"
            yield finding
        if is_current:
            yield from _same_database(found)
            yield from _grants(owner, settings)
        too_many = list(limits.too_many_for_postgresql(owner, settings, web_processes))
        for sentence in too_many:
            yield Finding("fault", "connections", sentence)
        if not too_many:
            needed = connection_sum(settings, web_processes).database
            yield Finding(
                "ok", "connections", f"PostgreSQL takes the {needed} that {web_processes} web, worker, … need"
            )
    except SQLAlchemyError as failure:
        yield Finding("fault", "database", f"DATABASE_URL: {_brief(failure)}")


def _one_database(name: str, connection: Connection) -> Iterator[Finding]:
    version = int(connection.execute(text("SELECT current_setting('server_version_num')")).scalar_one())
    if version < OLDEST_POSTGRESQL:
        yield Finding("fault", "database", f"{name}: PostgreSQL {version // 10_000} is too old, 14 is needed")
    else:
        yield Finding("ok", "database", f"{name} reaches PostgreSQL {version // 10_000}")
    before = time.time()
    theirs = float(connection.execute(_CLOCK).scalar_one())
    yield from _clock("PostgreSQL", theirs, before, time.time())
    logged = statement_log.unsafe(connection)
    if logged:
        yield Finding(
            "notice",
            "logs",
            f"{name}: PostgreSQL may write statements with people's data into its log ({', '.join(logged)}); "
            "docs/deploying.md has the SQL that ends it",
        )
    else:
        yield Finding("ok", "logs", f"{name}: PostgreSQL writes no statement of it into its log")


def _clock(server: str, theirs: float, before: float, after: float) -> Iterator[Finding]:
    """Between the two moments the server said what time it is."""
    apart = max(0.0, before - theirs, theirs - after)
    if apart > CLOCK_SECONDS:
        yield Finding("fault", "clock", f"{server}'s clock is {apart:.0f} s apart from this machine's")
    else:
        yield Finding("ok", "clock", f"{server} has the time of this machine")


def _roles(owner: Connection, settings: Settings) -> Iterator[Finding]:
    owner_role = role_of(settings.database_url)
    lesser = () if settings.has_one_database_role else (settings.web_database_url, settings.worker_database_url)
    for url in lesser:
        role = role_of(url)
        row = owner.execute(_ROLE, {"role": role, "owner": owner_role}).one_or_none()
        if row is None:
            yield Finding("fault", "roles", f"there is no role {role}")
            continue
        faults = [
            *(["is a superuser"] if row.rolsuper else []),
            *(["has BYPASSRLS"] if row.rolbypassrls else []),
            *([f"is a member of {owner_role}"] if row.is_member and not row.rolsuper else []),
        ]
        for fault in faults:
            yield Finding("fault", "roles", f"{role} {fault}: row-level security does not restrict it")
        if not faults:
            yield Finding("ok", "roles", f"{role} is restricted by row-level security")


def _schema(owner: Connection) -> Iterator[Finding]:
    newest, there = schema.newest(), schema.version(owner)
    if there == newest:
        yield Finding("ok", "schema", f"the schema is this release's ({newest})")
    elif there is None:
        yield Finding("fault", "schema", "the database is empty: run `dental-sync migrate`")
    elif schema.is_known(there):
        yield Finding(
            "fault", "schema", f"the schema is {there}, this release needs {newest}: run `dental-sync migrate`"
        )
    else:
        yield Finding(
            "fault", "schema", f"the schema is {there}, which this release does not know: it is a newer one's"
        )


def _same_database(found: Mapping[str, Connection]) -> Iterator[Finding]:
    """The epoch is random, and belongs to one log."""
    epochs = {name: str(connection.execute(_EPOCH).scalar_one()) for name, connection in found.items()}
    others = [name for name, epoch in epochs.items() if epoch != epochs["DATABASE_URL"]]
    for name in others:
        yield Finding("fault", "database", f"{name} is another database than DATABASE_URL")


def _grants(owner: Connection, settings: Settings) -> Iterator[Finding]:
    if settings.has_one_database_role:
        return
    sentences = list(
        privileges.differences(owner, role_of(settings.web_database_url), role_of(settings.worker_database_url))
    )
    for sentence in sentences:
        yield Finding("fault", "grants", f"{sentence}; `dental-sync migrate` grants what is missing")
    if not sentences:
        yield Finding("ok", "grants", "both roles may do what they need, and no more")


def _redis(redis: Redis, settings: Settings, web_processes: int) -> Iterator[Finding]:
    try:
        redis.ping()
        before = time.time()
        seconds, microseconds = redis.time()
        after = time.time()
        taken = limits.most_clients(redis)
        too_many = list(limits.too_many_for_redis(redis, settings, web_processes))
    except RedisError as failure:
        yield Finding("fault", "redis", f"REDIS_URL: {failure}")
        return
    yield Finding("ok", "redis", "REDIS_URL reaches Redis" + (", by TLS" if tls_options(settings) else ""))
    yield from _clock("Redis", seconds + microseconds / 1e6, before, after)
    for sentence in too_many:
        yield Finding("fault", "connections", sentence)
    needed = connection_sum(settings, web_processes).redis
    if taken is None:
        yield Finding("notice", "connections", f"Redis does not say how many it takes; there can be {needed}")
    elif not too_many:
        yield Finding("ok", "connections", f"Redis takes the {needed} that {web_processes} web, worker, … need")


def _brief(failure: SQLAlchemyError) -> str:
    """The database's own words, without the statement."""
    words = str(getattr(failure, "orig", failure)).strip()
    return " ".join(words.split()) or type(failure).__name__
