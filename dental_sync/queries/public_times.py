"""What is free as everybody may know it: of what the practice shows, and until when the list stays as it is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.config import Settings
from dental_sync.core.shared import Shared
from dental_sync.diary.free_times import TreatmentOf
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary
from dental_sync.diary.rules import notice_limits, notice_refusal
from dental_sync.queries import availability
from dental_sync.queries.availability import Asked, Slot
from dental_sync.storage.models import Treatment

LONGEST_RANGE = timedelta(days=7)
_NEVER = datetime.max.replace(tzinfo=UTC)

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
    return diary, treatment_of, session.scalar(_NEXT_EXPIRY, {"at": at}) or _NEVER


def list_times(
    diary: Diary, treatment_of: TreatmentOf, within: Interval, *, at: datetime, next_expiry: datetime
) -> tuple[list[Slot], datetime]:
    """Every time within a range that can be booked at that moment, and the moment from which that is another list.

    Where nobody changes anything, that is because a time comes too near, or near enough, or because a hold has expired.
    Pure, and may take a while.
    """
    diary.notice_binds = False
    found = availability.slots(diary, treatment_of, within, at=at)
    diary.notice_binds = True
    shown: list[Slot] = []
    until = next_expiry
    for slot in found:
        treatment = treatment_of(slot.dentist_id)
        least, most = notice_limits(diary, treatment)
        # With just enough notice it can still be booked.
        for changes_at in (slot.time.start - most, slot.time.start - least + datetime.resolution):
            if changes_at > at:
                until = min(until, changes_at)
        if notice_refusal(diary, treatment, slot.time.start - at) is None:
            shown.append(slot)
    return shown, until
