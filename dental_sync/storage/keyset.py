"""Keyset pagination: a list has a total order, and a cursor names the last row of a page by its values in that order.

Rows that are added or deleted between two pages neither repeat nor hide another row, as an OFFSET would.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from dental_sync.core import errors
from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.core.wire_types import storable, to_count, to_uuid

Row = TypeVar("Row")
Query = TypeVar("Query", bound=Select[Any])

Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Key:
    """A column that a list is ordered by, and how its value is written in a cursor; `parse` raises ValueError."""

    column: Column
    write: Callable[[Any], str]
    parse: Callable[[str], Any]


def by_text(column: Column) -> Key:
    """Order by a text."""
    return Key(column, str, str)


def by_id(column: Column) -> Key:
    """Order by a UUID."""
    return Key(column, str, to_uuid)


def by_number(column: Column) -> Key:
    """Order by a whole number, zero or more."""
    return Key(column, str, to_count)


def by_instant(column: Column) -> Key:
    """Order by an instant with milliseconds."""
    return Key(column, format_instant, parse_instant)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of a page, and the cursor of the page after it: None on the last."""

    rows: Sequence[Row]
    next: str | None


class Cursor:
    """How a place in a list is written for the reader, who gives it back as it is: some values, each with what parses
    it and raises ValueError."""

    def __init__(self, *parsers: Callable[[str], Any]) -> None:
        self._parsers = parsers

    def write(self, texts: Sequence[str]) -> str:
        """The cursor with these values, each in the form that its parser reads."""
        return base64.urlsafe_b64encode(json.dumps(texts, ensure_ascii=False).encode()).decode().rstrip("=")

    def read(self, cursor: str) -> list[Any]:
        """The values; raises ValidationFailed for what is no cursor of this kind."""
        try:
            texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if not isinstance(texts, list):
                raise ValueError("must be a list")
            return [parse(storable(str(text))) for parse, text in zip(self._parsers, texts, strict=True)]
        except (ValueError, RecursionError):
            wrong: errors.FieldError = {"pointer": "/after", "detail": "is not a cursor that this list gave"}
            raise errors.ValidationFailed(errors=[wrong]) from None


class Keyset:
    """The order of a list: by these columns, together unique, either all ascending or all descending.

    `carries` are values beside the columns that go from page to page in the cursor, each with what parses it (raises
    ValueError).
    """

    def __init__(self, *keys: Key, descending: bool = False, carries: Sequence[Callable[[str], Any]] = ()) -> None:
        self._keys = keys
        self._descending = descending
        self._cursor = Cursor(*(key.parse for key in keys), *carries)

    def select(self, query: Query, *, after: str | None, limit: int) -> Query:
        """The query for the page after a cursor, or for the first; it finds one row more where there is a next page.

        Raises ValidationFailed for a cursor that is not of this list.
        """
        columns = [key.column for key in self._keys]
        query = query.order_by(*(c.desc() if self._descending else c for c in columns)).limit(limit + 1)
        if after is None:
            return query
        values = tuple_(*self._cursor.read(after)[: len(columns)])
        return query.where(tuple_(*columns) < values if self._descending else tuple_(*columns) > values)

    def page(self, found: Iterable[Row], *, limit: int, carried: Sequence[object] = ()) -> Page[Row]:
        """The page of what `select` found; `carried` goes into the cursor of the next one."""
        rows = list(found)
        if len(rows) <= limit:
            return Page(rows, None)
        last = rows[limit - 1]
        values = [key.write(_value(last, str(key.column.key))) for key in self._keys]
        return Page(rows[:limit], self._cursor.write([*values, *map(str, carried)]))

    def carried(self, after: str | None) -> list[Any] | None:
        """What the cursor carries beside the columns, None for the first page; raises ValidationFailed."""
        return None if after is None else self._cursor.read(after)[len(self._keys) :]


def _value(row: object, name: str) -> Any:
    return row[name] if isinstance(row, Mapping) else getattr(row, name)
