"""Reading when chairs are away."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dental_sync.diary.model import ChairAbsence
from dental_sync.queries import rows
from dental_sync.storage import keyset, one_row
from dental_sync.storage.models import Chair, ChairTimeOff

_BY_START = keyset.Keyset(keyset.by_instant(ChairTimeOff.starts_at), keyset.by_id(ChairTimeOff.id))


def time_off(
    session: Session,
    chair_id: uuid.UUID,
    *,
    overlaps_from: datetime | None,
    overlaps_to: datetime | None,
    after: str | None,
    limit: int,
) -> keyset.Page[ChairAbsence]:
    """When a chair is away, as far as it overlaps `[overlaps_from, overlaps_to)`, by start.

    Raises NotFound, and ValidationFailed for another list's cursor.
    """
    one_row.get(session, Chair, chair_id)
    conditions = [ChairTimeOff.chair_id == chair_id, *rows.overlapping(ChairTimeOff, overlaps_from, overlaps_to)]
    found = session.scalars(_BY_START.select(select(ChairTimeOff).where(*conditions), after=after, limit=limit))
    page = _BY_START.page(found, limit=limit)
    return keyset.Page([rows.chair_absence(row) for row in page.rows], page.next)
