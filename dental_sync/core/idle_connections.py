"""Connections to the database that may have died in the pool are tried before they are used."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

# A connection to the database that was not used for so long is asked whether it is alive.
IDLE_SECONDS = 1.0


class Losses:
    """When a connection of this process was last found dead, by `time.monotonic()`; all its pools share one.

    A pool learns of a restarted server by its own connections only. What delivery notices within a second would else be
    noticed once more by the next caller.
    """

    def __init__(self) -> None:
        self.last_at = float("-inf")

    def note(self) -> None:
        """A connection was found dead just now."""
        self.last_at = time.monotonic()


def ping_what_may_be_dead(engine: Engine, losses: Losses) -> None:
    """Let a connection that lay in the pool for a while, or since before a loss, prove that it is alive.

    SQLAlchemy's own `pool_pre_ping` asks every time, which is two round trips more for each of the many short
    transactions; what was in use a moment ago is as likely to break after a ping as without one.
    """

    def remember(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["returned_at"] = time.monotonic()

    def ping(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        returned_at = record.info.get("returned_at", float("inf"))
        if returned_at > losses.last_at and time.monotonic() - returned_at < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as failure:
            losses.note()
            # The pool makes another connection then.
            raise DisconnectionError from failure

    def notice(context: ExceptionContext) -> None:
        if context.is_disconnect:
            losses.note()

    event.listen(engine, "checkin", remember)
    event.listen(engine, "checkout", ping)
    event.listen(engine, "handle_error", notice)
