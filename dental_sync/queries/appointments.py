"""Reading appointments: one, or a list with the position of the log from which its reader goes on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, false, select, tuple_
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.storage.models import Appointment, Row

_TABLE = cast(Table, Appointment.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which appointments: those that overlap `[overlaps_from, overlaps_to)` and fit the rest."""

    overlaps_from: datetime | None = None
    overlaps_to: datetime | None = None
    statuses: Sequence[str] | None = None
    dentist_id: uuid.UUID | None = None
    patient_id: uuid.UUID | None = None


def get(session: Session, actor: Actor, appointment_id: uuid.UUID) -> Row | None:
    """One appointment's row, if it is there and the actor's to see."""
    query = select(_TABLE).where(_TABLE.c.id == appointment_id, _visible_to(actor))
    return session.execute(query).mappings().one_or_none()


def page(
    session: Session, actor: Actor, wanted: Filter, *, after: tuple[datetime, uuid.UUID] | None, limit: int
) -> list[Row]:
    """At most `limit` rows that the actor may see, by start and id, beginning after the given place."""
    c = _TABLE.c
    query = select(_TABLE).where(_visible_to(actor)).order_by(c.starts_at, c.id).limit(limit)
    if wanted.overlaps_from is not None:
        query = query.where(c.ends_at > wanted.overlaps_from)
    if wanted.overlaps_to is not None:
        query = query.where(c.starts_at < wanted.overlaps_to)
    if wanted.statuses is not None:
        query = query.where(c.status.in_(wanted.statuses))
    if wanted.dentist_id is not None:
        query = query.where(c.dentist_id == wanted.dentist_id)
    if wanted.patient_id is not None:
        query = query.where(c.patient_id == wanted.patient_id)
    if after is not None:
        query = query.where(tuple_(c.starts_at, c.id) > tuple_(*after))
    return list(session.execute(query).mappings())


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """The rule of `Actor.may_see`, for the database; what was entered in error is gone for everybody."""
    c = _TABLE.c
    exists = c.status != "entered-in-error"
    match actor.role:
        case "admin":
            return exists
        case "dentist" if actor.dentist_id is not None:
            return exists & (c.dentist_id == actor.dentist_id)
        case "patient" if actor.patient_id is not None:
            return exists & (c.patient_id == actor.patient_id)
    return false()
