"""Reading when the practice is open: dentists with their weekly hours, time off and closures."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.roles import ASSISTANT
from dental_sync.diary.model import Absence, DentistHours
from dental_sync.diary.opening_hours import check_own
from dental_sync.queries import rows
from dental_sync.storage import keyset, one_row
from dental_sync.storage.models import Closure, Dentist, TimeOff, WorkingHours

AbsenceRow = TypeVar("AbsenceRow", TimeOff, Closure)

_BY_NAME = keyset.Keyset(keyset.by_text(Dentist.folded_name), keyset.by_id(Dentist.id))


def dentists(session: Session, *, profession: str | None, after: str | None, limit: int) -> keyset.Page[DentistHours]:
    """Those who can be booked, or those of one profession, by name.

    Raises ValidationFailed for another list's cursor.
    """
    asked = Dentist.profession != ASSISTANT if profession is None else Dentist.profession == profession
    found = session.scalars(_BY_NAME.select(select(Dentist).where(asked), after=after, limit=limit))
    page = _BY_NAME.page(found, limit=limit)
    return keyset.Page(_with_hours(session, page.rows), page.next)


def dentist(session: Session, dentist_id: uuid.UUID) -> DentistHours:
    """One dentist; raises NotFound."""
    return _with_hours(session, [one_row.get(session, Dentist, dentist_id)])[0]


def time_off(
    session: Session,
    actor: Actor,
    dentist_id: uuid.UUID,
    *,
    overlaps_from: datetime | None,
    overlaps_to: datetime | None,
    after: str | None,
    limit: int,
) -> keyset.Page[Absence]:
    """When a dentist is away, as far as it overlaps `[overlaps_from, overlaps_to)`, by start.

    Raises NotFound, Forbidden to other dentists, and ValidationFailed for another list's cursor.
    """
    one_row.get(session, Dentist, dentist_id)
    check_own(actor, dentist_id)
    conditions = [TimeOff.dentist_id == dentist_id, *rows.overlapping(TimeOff, overlaps_from, overlaps_to)]
    return _absences(session, TimeOff, *conditions, after=after, limit=limit)


def closures(
    session: Session, *, overlaps_from: datetime | None, overlaps_to: datetime | None, after: str | None, limit: int
) -> keyset.Page[Absence]:
    """When the practice is closed, as far as it overlaps `[overlaps_from, overlaps_to)`, by start.

    Raises ValidationFailed for another list's cursor.
    """
    return _absences(session, Closure, *rows.overlapping(Closure, overlaps_from, overlaps_to), after=after, limit=limit)


def closure(session: Session, closure_id: uuid.UUID) -> Absence:
    """One closure; raises NotFound."""
    return rows.absence(one_row.get(session, Closure, closure_id))


def _with_hours(session: Session, dentists: Sequence[Dentist]) -> list[DentistHours]:
    hours = defaultdict(list)
    query = select(WorkingHours).where(WorkingHours.dentist_id.in_([dentist.id for dentist in dentists]))
    for row in session.scalars(query):
        hours[row.dentist_id].append(rows.weekly_window(row))
    return [
        DentistHours(
            dentist.id,
            dentist.name,
            ZoneInfo(dentist.time_zone),
            hours[dentist.id],
            dentist.active,
            dentist.profession,
            rows.offers(dentist.offers),
        )
        for dentist in dentists
    ]


def _absences(
    session: Session, table: type[AbsenceRow], *conditions: Any, after: str | None, limit: int
) -> keyset.Page[Absence]:
    by_start = keyset.Keyset(keyset.by_instant(table.starts_at), keyset.by_id(table.id))
    query = by_start.select(select(table).where(*conditions), after=after, limit=limit)
    page = by_start.page(session.scalars(query), limit=limit)
    return keyset.Page([rows.absence(row) for row in page.rows], page.next)
