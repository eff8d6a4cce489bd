"""Appointments of which patients are reminded, and who is: for the tests of reminders and of their links."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests import plain_sql
from tests.api.hours import DAY, HOUR
from tests.conftest import Practice

# On the minute, and soon.
SOON = datetime.now(UTC).replace(second=0, microsecond=0) + 20 * HOUR
LATER = "starts_at = starts_at + interval '1 h', ends_at = ends_at + interval '1 h'"
Remind = Callable[[], list[dict[str, Any]]]


def book(
    owner: Session, practice: Practice, starts_at: datetime = SOON, *, ago: timedelta = 10 * DAY, **facts: Any
) -> uuid.UUID:
    """An appointment of Mia's, which she has known of for so long."""
    patient = facts.pop("patient", practice.patients[0])
    id_ = plain_sql.book(owner, patient, practice.dentists[0], starts_at, **facts)
    owner.execute(
        text("UPDATE appointments SET created_at = :at WHERE id = :id"), {"id": id_, "at": datetime.now(UTC) - ago}
    )
    owner.commit()
    return id_


def stands(owner: Session, id_: uuid.UUID) -> tuple[str, str]:
    """Status and confirmation."""
    row = owner.execute(text("SELECT status, confirmation FROM appointments WHERE id = :id"), {"id": id_}).one()
    owner.rollback()
    return row.status, row.confirmation
