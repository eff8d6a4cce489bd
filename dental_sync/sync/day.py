"""A day of the diary as it was at any position of the log, and what changed it: walked back from today's rows.

The walk is in the database (`day_at` and `day_changes` of migrations/versions/0033_causes.py), in one statement, so
that rows, messages and changes without a position are of one moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Row, Text, Uuid, column, func, select
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Session

from dental_sync.core.wire_types import to_count, to_uuid
from dental_sync.diary.intervals import Interval
from dental_sync.storage import keyset
from dental_sync.sync import events

_INSTANT = TIMESTAMP(timezone=True, precision=3)
_STARTS_AT, _ID = column("starts_at", _INSTANT), column("id", Uuid)
# Each page carries the position and the epoch of the first.
_BY_START = keyset.Keyset(
    keyset.by_instant(_STARTS_AT), keyset.by_id(_ID), carries=[to_count, lambda text: str(to_uuid(text))]
)
_POSITION = column("position", BigInteger)
_NEWEST_FIRST = keyset.Keyset(keyset.by_number(_POSITION), descending=True)


def span(day: date, zone: ZoneInfo) -> Interval:
    """The day by the clock of a zone: 23 or 25 hours where the clocks change."""
    start, end = (datetime.combine(each, time(0), zone).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    return Interval(start, end)


def carried(after: str | None) -> tuple[int, str] | None:
    """The position and the epoch that a cursor of `page` carries, None for the first; raises ValidationFailed."""
    found = _BY_START.carried(after)
    return None if found is None else (found[0], found[1])


def page(
    session: Session, within: Interval, *, at: tuple[int, str], after: str | None, limit: int
) -> keyset.Page[Mapping[str, Any]]:
    """The appointments that overlapped `within` as they were at a position, as the wire has them, by start.

    `at` is the position, which the log must reach, and the epoch; both go into the cursor. Raises ValidationFailed for
    another list's cursor.
    """
    found = func.day_at(_range(within), at[0]).table_valued(
        _STARTS_AT, _ID, column("told", JSONB), column("stored", JSONB)
    )
    rows = session.execute(_BY_START.select(select(found), after=after, limit=limit)).all()
    one_page = _BY_START.page(rows, limit=limit, carried=at)
    return keyset.Page([row.told or events.appointment(row.stored) for row in one_page.rows], one_page.next)


def changes(
    session: Session, within: Interval, *, since: int, through: int, after: str | None, limit: int
) -> keyset.Page[Row[Any]]:
    """What changed an appointment that was within some time, or is since, and who did it; the newest first.

    Of the positions after `since` up to `through`, which the log must reach. Raises ValidationFailed for another list's
    cursor.
    """
    found = func.day_changes(_range(within), since, through).table_valued(
        _POSITION,
        column("type", Text),
        column("occurred_at", _INSTANT),
        column("appointment_id", Uuid),
        column("before", JSONB),
        column("after", JSONB),
        column("action", Text),
        column("actor_id", Uuid),
        column("actor_name", Text),
        column("actor_role", Text),
    )
    return _NEWEST_FIRST.page(
        session.execute(_NEWEST_FIRST.select(select(found), after=after, limit=limit)).all(), limit=limit
    )


def _range(within: Interval) -> Any:
    return func.tstzrange(within.start, within.end)
