"""Several statements in one message to the database, which saves a round trip for each but one; each planned once.

On our own connections (core/late_begin.py) alone.

PostgreSQL parses and plans a statement each time that it gets its text. Here each is prepared on the connection when it
is sent for the first time, and is executed by its name from then on.

The plan was made for tables as they were then, which may have been empty. So a statement finds rows of a table that
grows by a query of its own: `CROSS JOIN LATERAL (SELECT … WHERE id = given.id OFFSET 0)`, of which PostgreSQL makes no
join that reads the whole table, or `id = ANY (ARRAY(SELECT …))` (decision 47).
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

# Statements that a connection keeps prepared: as many as there are shapes of batches, and some.
MOST_PREPARED = 200

_PREPARED = "dental_sync.prepared"
_MAY_BE_PREPARED = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b")
# A parameter, with the type that it is cast to. "::" is a cast of PostgreSQL's own.
_PARAMETER = re.compile(r"CAST\(:(\w+) AS ([a-z]+(?:\[\])?)\)|(?<![:\w]):(\w+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and its values, whose names no other statement of the call has."""

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)


COMMIT = Statement("COMMIT")
# Until the transaction ends plans are made of indexes, also of tables that hold next to nothing when they are made.
BY_INDEXES = Statement("SET LOCAL enable_seqscan = off")


def split(sql: str) -> list[Statement]:
    """The statements of a text that are separated by semicolons, of which none is in a literal."""
    return [Statement(part) for part in sql.split(";") if part.strip()]


def execute(
    via: Session | Connection, statements: Sequence[Statement], values: Mapping[str, Any] | None = None
) -> Sequence[Any]:
    """Send these in their order; returns the rows of the last one, as named tuples.

    What fails leaves the transaction as it would alone.

    Each sees what was committed before it began, as if it had been sent by itself. `values` are of them all.
    """
    connection = via if isinstance(via, Connection) else via.connection()
    return _send(connection, statements, values or {})


def alone(session: Session, statement: Statement, values: Mapping[str, Any]) -> Sequence[Any]:
    """Send one that is all that is asked: in a transaction of its own, which costs one message; returns its rows.

    It finds them by indexes, however small the tables were when it was planned.
    It acts as whom the session says, and leaves the session without a connection. Raises ValueError where a transaction
    is open, which would be lost.
    """
    if session.in_transaction():
        raise ValueError("a transaction is open")
    try:
        connection = session.connection()
        driver: Any = connection.connection.driver_connection
        with driver.one_by_one():
            return _send(connection, [BY_INDEXES, statement], values)
    finally:
        session.close()


def _send(connection: Connection, statements: Sequence[Statement], values: Mapping[str, Any]) -> Sequence[Any]:
    forms = [_form(statement.sql) for statement in statements]
    prepared: set[str] | None = connection.info.pop(_PREPARED, None)
    parts = []
    if prepared is None or len(prepared) > MOST_PREPARED:
        # After a failure nobody knows what was prepared.
        parts.append("DEALLOCATE ALL")
        prepared = set()
    for form in forms:
        if form.name is not None and form.name not in prepared:
            parts.append(f"PREPARE {form.name} AS {form.prepared}")
            prepared.add(form.name)
        parts.append(form.executed)
    given = dict(values)
    for statement in statements:
        given.update(statement.values)
    rows: list[Any]
    driver: Any = connection.connection.driver_connection
    with driver.fetching() as rows:
        connection.exec_driver_sql("; ".join(parts), given)
    connection.info[_PREPARED] = prepared
    return rows


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as it is sent: prepared under a name and executed by it, or as it is (`name` None)."""

    executed: str
    name: str | None = None
    prepared: str = ""


@functools.lru_cache(maxsize=4 * MOST_PREPARED)
def _form(sql: str) -> _Form:
    if ";" in sql:
        raise ValueError("a statement is one statement")
    if _MAY_BE_PREPARED.match(sql) is None:
        return _Form(_escaped(sql))
    # By name: the place in the order, and what stands for it when it is executed.
    places: dict[str, int] = {}
    given: dict[str, str] = {}

    def place(found: re.Match[str]) -> str:
        cast_name, cast, plain_name = found.groups()
        name = cast_name or plain_name
        number = places.setdefault(name, len(places) + 1)
        if cast is None:
            given.setdefault(name, f"%({name})s")
            return f"${number}"
        # The driver writes a list as an array of texts, which is not taken for another array without being told.
        given[name] = f"CAST(%({name})s AS {cast})"
        return f"CAST(${number} AS {cast})"

    prepared = _PARAMETER.sub(place, _escaped(sql))
    name = f"one_{hashlib.blake2b(prepared.encode(), digest_size=12).hexdigest()}"
    arguments = ", ".join(given[parameter] for parameter in places)
    return _Form(f"EXECUTE {name}({arguments})" if places else f"EXECUTE {name}", name, prepared)


def _escaped(sql: str) -> str:
    """A percent sign as the driver wants it where there are parameters."""
    return sql.replace("%", "%%")
