"""What a failure of the database means: whether the same may go well on another connection, or a little later."""

from __future__ import annotations

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLSTATE of what may go well a little later: deadlock, serialization, lock time-out, cancelled by a time-out.
_PASSING = frozenset({"40P01", "40001", "55P03", "57014"})


def sqlstate(failure: DBAPIError) -> str | None:
    """The SQLSTATE that PostgreSQL gave, or None when it gave none."""
    state: str | None = getattr(failure.orig, "pgcode", None)
    return state


def is_disconnection(failure: DBAPIError) -> bool:
    """Whether the connection or the server went away, and the same may go well on the next one."""
    state = sqlstate(failure)
    if state is None:
        # A bare DatabaseError is what psycopg2 says where the answer stops in the middle.
        is_bare = type(failure) is DatabaseError
        return failure.connection_invalidated or is_bare or isinstance(failure, OperationalError | InterfaceError)
    # Class 08 and 57P: connection and server; 25P03: the session was idle in a transaction for too long.
    return failure.connection_invalidated or state.startswith(("08", "57P", "25P03"))


def is_passing(failure: DBAPIError) -> bool:
    """Whether another transaction was in the way, and the same may go well a little later."""
    return sqlstate(failure) in _PASSING


def describe(failure: BaseException) -> str | None:
    """What may be written down of a failure of the database; None where it is another one.

    PostgreSQL's answer goes by its code: the text of many errors quotes values, and their DETAIL the whole row.
    """
    if isinstance(failure, PoolTimeout):
        return str(failure)
    if not isinstance(failure, DBAPIError):
        return None
    state = sqlstate(failure)
    if state is None or is_disconnection(failure) or is_passing(failure):
        # About a connection, a lock or a time; without the lines after the first, which may quote a statement.
        return str(failure.orig).strip().partition("\n")[0]
    about = getattr(failure.orig, "diag", None)
    names = [getattr(about, kind, None) for kind in ("table_name", "column_name", "constraint_name")]
    return " ".join([f"SQLSTATE {state}", *filter(None, names)])
