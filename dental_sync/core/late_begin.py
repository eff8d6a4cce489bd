"""A connection to PostgreSQL whose transactions begin along with their first statement, in one message.

psycopg2 sends BEGIN by itself and waits for the answer, which is a round trip more for each transaction. What is sent
last may also end with `; COMMIT`: the commit that follows finds that there is nothing left to send. What is a
transaction by itself needs neither: PostgreSQL takes the statements of a message for one.
"""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_UNKNOWN, connection, cursor


class LateBegin(connection):  # type: ignore[misc]  # psycopg2 has no types
    """What `psycopg2.connect` makes where it is given this as `connection_factory`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # psycopg2 sends no BEGIN then; this class does.
        self.autocommit = True
        self.cursor_factory = BeginningCursor
        self._begins = True
        self._fetched: list[Any] | None = None

    @property
    def must_begin(self) -> bool:
        """Whether a transaction has to begin along with the next statement."""
        return self._begins and self.info.transaction_status == TRANSACTION_STATUS_IDLE

    @contextmanager
    def one_by_one(self) -> Iterator[None]:
        """Let each message that is sent meanwhile, outside of a transaction, be one by itself."""
        self._begins = False
        try:
            yield
        finally:
            self._begins = True

    @contextmanager
    def fetching(self) -> Iterator[list[Any]]:
        """Give the rows of what is executed meanwhile, as named tuples; whoever executes it is told of none.

        To find out of what kind the columns are costs SQLAlchemy as much as the statement costs the driver.
        """
        self._fetched = []
        try:
            yield self._fetched
        finally:
            self._fetched = None

    @property
    def fetched(self) -> list[Any] | None:
        """Where rows go to; None where they stay with the cursor."""
        return self._fetched

    def cursor(self, name: str | None = None, *arguments: Any, **named: Any) -> Any:
        """A cursor; a named one is declared WITH HOLD, because psycopg2 sees no transaction that it would end with."""
        holds = {} if name is None else {"withhold": True}
        return super().cursor(name, *arguments, **named, **holds)

    def commit(self) -> None:
        """Commit, unless the last statement did."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """Roll back, where there is anything to be rolled back."""
        self._end("ROLLBACK")

    def _end(self, how: str) -> None:
        if self.info.transaction_status not in (TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_UNKNOWN):
            with self.cursor() as last:
                last.execute(how)


class BeginningCursor(cursor):  # type: ignore[misc]
    """A cursor of such a connection."""

    @property
    def description(self) -> Any:
        """What the columns are; None where there are none, or where the rows were fetched."""
        return super().description if self.connection.fetched is None else None

    def execute(self, query: Any, vars: Any = None) -> None:
        if self.connection.must_begin:
            if self.name is None:
                query = f"BEGIN; {query}"
            else:
                # What a named cursor is given becomes a part of its DECLARE.
                with self.connection.cursor() as first:
                    first.execute("BEGIN")
        super().execute(query, vars)
        if self.connection.fetched is not None and super().description is not None:
            named = _named(tuple(column.name for column in super().description))
            self.connection.fetched.extend(map(named, self.fetchall()))

    def executemany(self, query: Any, vars_list: Any) -> None:
        if self.connection.must_begin:
            super().execute("BEGIN")
        super().executemany(query, vars_list)


@functools.lru_cache(maxsize=500)
def _named(names: tuple[str, ...]) -> Callable[[tuple[Any, ...]], Any]:
    # Mypy knows none that is made of names that are not in the text.
    kind: Callable[..., Any] = namedtuple
    made: Callable[[tuple[Any, ...]], Any] = kind("Row", names, rename=True)._make
    return made
