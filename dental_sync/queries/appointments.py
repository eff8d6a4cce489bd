"""Reading appointments: one, or a list with the position of the log from which its reader goes on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Table, false, func, select
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.wire_types import to_count, to_uuid
from dental_sync.queries import rows
from dental_sync.storage import keyset
from dental_sync.storage.models import Appointment, Row

_TABLE = cast(Table, Appointment.__table__)
# Each page carries from where its reader follows the log: the position and the epoch that the first page gave.
_BY_START = keyset.Keyset(
    keyset.by_instant(_TABLE.c.starts_at),
    keyset.by_id(_TABLE.c.id),
    carries=[to_count, lambda text: str(to_uuid(text))],
)


# What a calendar shows: reaching back, ahead, and how many.
LONG_AGO, FAR_AHEAD, MOST_AROUND = timedelta(days=90), timedelta(days=400), 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which appointments: those that overlap `[overlaps_from, overlaps_to)` and fit the rest."""

    overlaps_from: datetime | None = None
    overlaps_to: datetime | None = None
    statuses: Sequence[str] | None = None
    dentist_id: uuid.UUID | None = None
    patient_id: uuid.UUID | None = None
    chair_id: uuid.UUID | None = None
    assistant_id: uuid.UUID | None = None
    series_id: uuid.UUID | None = None
    overbooked: bool | None = None


def get(session: Session, actor: Actor, appointment_id: uuid.UUID) -> Row | None:
    """One appointment's row, if it is there and the actor's to see."""
    query = select(_TABLE).where(_TABLE.c.id == appointment_id, _visible_to(actor))
    return session.execute(query).mappings().one_or_none()


def followed_from(after: str | None) -> tuple[int, str] | None:
    """The position and the epoch that a cursor carries, None for the first page; raises ValidationFailed."""
    carried = _BY_START.carried(after)
    return None if carried is None else (carried[0], carried[1])


def page(
    session: Session, actor: Actor, wanted: Filter, *, after: str | None, limit: int, follow_from: tuple[int, str]
) -> keyset.Page[Row]:
    """The appointments that the actor may see, by start; raises ValidationFailed for another list's cursor.

    `follow_from` is the position and the epoch that go into the cursor.
    """
    c = _TABLE.c
    query = _BY_START.select(select(_TABLE).where(_visible_to(actor)), after=after, limit=limit)
    query = query.where(*rows.overlapping(Appointment, wanted.overlaps_from, wanted.overlaps_to))
    if wanted.statuses is not None:
        query = query.where(c.status.in_(wanted.statuses))
    if wanted.dentist_id is not None:
        query = query.where(c.dentist_id == wanted.dentist_id)
    if wanted.patient_id is not None:
        query = query.where(c.patient_id == func.patient_now(wanted.patient_id))
    if wanted.series_id is not None:
        query = query.where(c.series_id == wanted.series_id)
    if wanted.overbooked is not None:
        query = query.where(c.overbooked == wanted.overbooked)
    if wanted.chair_id is not None:
        query = query.where(c.chair_id == wanted.chair_id)
    if wanted.assistant_id is not None:
        query = query.where(c.assistant_id == wanted.assistant_id)
    return _BY_START.page(session.execute(query).mappings(), limit=limit, carried=follow_from)


def around(session: Session, actor: Actor, now: datetime) -> Sequence[Row]:
    """The appointments that the actor may see of the time around now (aware UTC), by start, cancelled ones too.

    Of more than MOST_AROUND those that begin the nearest to now.
    """
    c = _TABLE.c
    query = select(_TABLE).where(_visible_to(actor), c.starts_at > now - LONG_AGO, c.starts_at < now + FAR_AHEAD)
    away = func.abs(func.extract("epoch", c.starts_at - now))
    found = session.execute(query.order_by(away, c.id).limit(MOST_AROUND)).mappings().all()
    return sorted(found, key=lambda row: (row["starts_at"], row["id"]))


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """The rule of `Actor.may_see`, for the database; what was entered in error is gone for everybody."""
    c = _TABLE.c
    exists = c.status != "entered-in-error"
    if actor.sees_everything:
        return exists
    if actor.own_dentist_id is not None:
        return exists & (c.dentist_id == actor.own_dentist_id)
    if actor.own_assistant_id is not None:
        return exists & (c.assistant_id == actor.own_assistant_id)
    return exists & c.patient_id.in_(actor.own_patient_ids) if actor.own_patient_ids else false()
