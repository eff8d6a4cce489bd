"""What is over for longer than the practice keeps it: appointments with their notes, and when somebody was away.

Deleted with the worker's rights, and so told to whoever has a copy, as every change is. By default all of it stays.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from dental_sync.records import audit
from dental_sync.storage.models import Appointment, ChairTimeOff, Closure, TimeOff

# Each appointment is told to several rooms.
APPOINTMENTS_AT_ONCE = 500


def prune_appointments(session: Session, *, retention_days: int, limit: int) -> int:
    """Delete up to `limit` of the appointments that ended longer ago than the retention (0: none); returns how many.

    The audit trail says which they were.
    """
    ids = _prune(session, Appointment, retention_days, min(limit, APPOINTMENTS_AT_ONCE))
    if ids:
        audit.note(session, None, "expire", "appointment", ids, details={"retentionDays": retention_days})
    return len(ids)


def prune_absences(session: Session, *, retention_days: int, limit: int) -> int:
    """The same of time off, of closures and of when chairs were away."""
    return sum(len(_prune(session, table, retention_days, limit)) for table in (TimeOff, Closure, ChairTimeOff))


def _prune(
    session: Session, table: type[Appointment | TimeOff | Closure | ChairTimeOff], retention_days: int, limit: int
) -> list[uuid.UUID]:
    if not retention_days:
        return []
    ended = func.clock_timestamp() - timedelta(days=retention_days)
    # What somebody is at work on is left for the next time.
    oldest = select(table.id).where(table.ends_at < ended).order_by(table.ends_at).limit(limit)
    locked = oldest.with_for_update(skip_locked=True)
    deleted = delete(table).where(table.id.in_(locked)).returning(table.id)
    return list(session.execute(deleted, execution_options={"synchronize_session": False}).scalars())
