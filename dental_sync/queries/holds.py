"""Reading holds: which times are kept for whom, in the order of their starts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import true as everybody
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.diary.model import Hold as HeldTime
from dental_sync.queries import rows
from dental_sync.storage import keyset
from dental_sync.storage.models import Hold

_BY_START = keyset.Keyset(keyset.by_instant(Hold.starts_at), keyset.by_id(Hold.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which holds: those that overlap `[overlaps_from, overlaps_to)`, of that dentist."""

    overlaps_from: datetime | None = None
    overlaps_to: datetime | None = None
    dentist_id: uuid.UUID | None = None


def page(
    session: Session, actor: Actor, wanted: Filter, *, at: datetime, after: str | None, limit: int
) -> keyset.Page[HeldTime]:
    """The holds that are alive at that moment and the actor's to see, by start.

    Raises ValidationFailed for another list's cursor.
    """
    columns = [*Hold.__table__.columns, func.lower(Hold.layers).label("layer")]
    query = _BY_START.select(select(*columns).where(Hold.expires_at > at, _visible_to(actor)), after=after, limit=limit)
    query = query.where(*rows.overlapping(Hold, wanted.overlaps_from, wanted.overlaps_to))
    if wanted.dentist_id is not None:
        query = query.where(Hold.dentist_id == wanted.dentist_id)
    found = _BY_START.page(session.execute(query), limit=limit)
    return keyset.Page([rows.hold(row) for row in found.rows], found.next)


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """The front desk sees all, a dentist those in the own diary, and everybody the own ones."""
    if actor.sees_everything:
        return everybody()
    own = Hold.user_id == actor.user_id
    return own if actor.own_dentist_id is None else own | (Hold.dentist_id == actor.own_dentist_id)
