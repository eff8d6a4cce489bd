"""What is free: the list of times that can be booked.

Reads hours and claims, never an appointment or a patient; the rules are those of `booking`, so what is listed can be
booked.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from dental_sync.diary.free_times import free_times
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary, Treatment
from dental_sync.queries import load as load_diary

LONGEST_RANGE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is free with a dentist."""

    dentist_id: uuid.UUID
    time: Interval

    def wire(self) -> dict[str, str]:
        """The contract's slot."""
        return {
            "dentistId": str(self.dentist_id),
            "startsAt": format_instant(self.time.start),
            "endsAt": format_instant(self.time.end),
        }


def load(
    session: Session,
    settings: Settings,
    within: Interval,
    treatment_id: uuid.UUID,
    dentist_id: uuid.UUID | None,
    *,
    at: datetime,
) -> tuple[Diary, Treatment]:
    """Read what listing needs at that moment; raises UnknownDentist, UnknownTreatment."""
    diary = load_diary.load_range(session, settings, within, at=at, treatment_id=treatment_id, dentist_id=dentist_id)
    if dentist_id is not None and dentist_id not in diary.dentists:
        raise errors.UnknownDentist
    treatment = diary.treatments.get(treatment_id)
    if treatment is None or not treatment.is_offered:
        raise errors.UnknownTreatment
    return diary, treatment


def slots(diary: Diary, treatment: Treatment, within: Interval, *, at: datetime) -> list[Slot]:
    """Every time within a range that can be booked at that moment, by start and dentist. Pure, and may take a while."""
    found = [
        Slot(dentist_id, time)
        for dentist_id in diary.dentists
        for time in free_times(diary, dentist_id, treatment, within, at=at)
    ]
    return sorted(found, key=lambda slot: (slot.time.start, slot.dentist_id))
