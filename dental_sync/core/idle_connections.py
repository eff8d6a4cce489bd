"""Connections to the database that lay in the pool for a while are tried before they are used."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

# A connection to the database that was not used for so long is asked whether it is alive.
IDLE_SECONDS = 1.0


def ping_what_was_idle(engine: Engine) -> None:
    """Let a connection that lay in the pool for a while prove that it is alive, before anybody relies on it.

    SQLAlchemy's own `pool_pre_ping` asks every time, which is two round trips more for each of the many short
    transactions; what was in use a moment ago is as likely to break after a ping as without one.
    """

    def remember(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["returned_at"] = time.monotonic()

    def ping(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("returned_at", -IDLE_SECONDS) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as failure:
            # The pool makes another connection then.
            raise DisconnectionError from failure

    event.listen(engine, "checkin", remember)
    event.listen(engine, "checkout", ping)
