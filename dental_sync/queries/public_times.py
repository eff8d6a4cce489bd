"""What is free as everybody may know it: of what the practice shows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.shared import Shared
from dental_sync.storage.models import Treatment

LONGEST_RANGE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AnsweredTimes:
    """What is answered to those without an account: so many times, when that was read, and until when it is good."""

    body: bytes
    listed: int
    since: datetime
    until: datetime


class SharedTimes(Shared[AnsweredTimes]):
    """What was answered to those without an account."""


def check_public(session: Session, treatment_ids: Sequence[uuid.UUID]) -> None:
    """Raise UnknownTreatment unless the practice shows all of these to everybody."""
    shown = select(func.count()).where(Treatment.id.in_(treatment_ids), Treatment.public, Treatment.active)
    if session.scalar(shown) != len(set(treatment_ids)):
        raise errors.UnknownTreatment
