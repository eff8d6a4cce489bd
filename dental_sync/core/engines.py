"""The engines: how a process connects to PostgreSQL, and with how many connections.

A web process has a pool for what its callers ask, and two connections apart from it: one for delivery, so that live
messages go on when every connection of the pool is in use, and one for health, which must say so.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Engine, create_engine

from dental_sync.core.config import Settings, sqlalchemy_url
from dental_sync.core.idle_connections import Losses, ping_what_may_be_dead
from dental_sync.core.late_begin import LateBegin

Process = Literal["web", "worker"]

# What a web process has besides DATABASE_POOL_SIZE: delivery's, and health's.
CONNECTIONS_APART = 2
# A worker's, for each task that it does at a time: the task's own, and that of the mails or of the sweep beside it.
WORKER_CONNECTIONS = 2
# How long to wait for a connection of the pool, and for a new one.
POOL_WAIT_SECONDS = 5
CONNECT_SECONDS = 5

# A transaction that is left open must not stop the log, and a lock that is not to be had is an answer too. Compiling a
# plan takes longer than any statement of ours.
_SESSION_OPTIONS = (
    "-c timezone=UTC -c idle_in_transaction_session_timeout=5s -c lock_timeout=5s -c statement_timeout=30s -c jit=off"
)
# The worker says once and for all who acts; a web process says it in each transaction (storage/row_security.py).
_PROCESS_OPTIONS: dict[Process, str] = {"web": "", "worker": " -c dental_sync.role=worker"}


def url_of(settings: Settings, process: Process) -> str:
    """Where a process of this kind connects to, as SQLAlchemy takes it; raises ConfigurationError."""
    return sqlalchemy_url(settings.web_database_url if process == "web" else settings.worker_database_url)


def options(settings: Settings, process: Process, *, tasks_at_once: int = 1) -> dict[str, Any]:
    """What `create_engine` is given for the pool of such a process; a worker does so many tasks at once."""
    pool = settings.database_pool_size if process == "web" else WORKER_CONNECTIONS * tasks_at_once
    return _options(process, pool, process)


def one_apart(settings: Settings, losses: Losses, *, purpose: str) -> Engine:
    """A single connection of a web process, made when it is first needed; `purpose` is shown in pg_stat_activity."""
    engine = create_engine(url_of(settings, "web"), **_options("web", 1, f"web {purpose}"))
    ping_what_may_be_dead(engine, losses)
    return engine


def _options(process: Process, connections: int, name: str) -> dict[str, Any]:
    return {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": POOL_WAIT_SECONDS,
        "pool_use_lifo": True,
        # A failure's text must not hold what people wrote.
        "hide_parameters": True,
        "connect_args": {
            "connect_timeout": CONNECT_SECONDS,
            "options": _SESSION_OPTIONS + _PROCESS_OPTIONS[process],
            "application_name": f"dental-sync {name}",
            "connection_factory": LateBegin,
        },
    }
