"""What is free as everybody may know it: of what the practice shows, and until when the list stays as it is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.config import Settings
from dental_sync.core.shared import Shared
from dental_sync.diary.free_times import TreatmentOf, free_times
from dental_sync.diary.intervals import NEVER, Interval
from dental_sync.diary.model import Diary
from dental_sync.queries import availability
from dental_sync.queries.availability import Asked, SlotWire
from dental_sync.storage.models import Treatment

LONGEST_RANGE = timedelta(days=7)

_NEXT_EXPIRY = text("SELECT min(expires_at) FROM claims WHERE expires_at > :at")


class SharedTimes(Shared[bytes]):
    """What was answered to those without an account."""


def check_public(session: Session, treatment_ids: Sequence[uuid.UUID]) -> None:
    """Raise UnknownTreatment unless the practice shows all of these to everybody."""
    shown = select(func.count()).where(Treatment.id.in_(treatment_ids), Treatment.public, Treatment.active)
    if session.scalar(shown) != len(set(treatment_ids)):
        raise errors.UnknownTreatment


def load(
    session: Session, settings: Settings, within: Interval, asked: Asked, *, at: datetime
) -> tuple[Diary, TreatmentOf, datetime]:
    """What `list_times` looks at, and when the next hold expires; raises as `check_public` and `availability.load`."""
    check_public(session, asked.treatment_ids)
    diary, treatment_of = availability.load(session, settings, within, asked, at=at)
    return diary, treatment_of, session.scalar(_NEXT_EXPIRY, {"at": at}) or NEVER


def list_times(
    diary: Diary, treatment_of: TreatmentOf, within: Interval, *, at: datetime, next_expiry: datetime
) -> tuple[list[SlotWire], datetime]:
    """Every time within a range that can be booked at that moment, and the moment from which that is another list.

    Where nobody changes anything, that is because a time comes too near, or near enough, or because a hold has expired.
    Pure, and may take a while.
    """
    found = free_times(diary, treatment_of, within, at=at)
    return availability.listed(found.runs), min(found.until, next_expiry)
