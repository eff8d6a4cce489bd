"""The decision to erase a patient: who may, and what stands in the way. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dental_sync.core import errors
from dental_sync.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Patient:
    """One who is to be erased: the appointments that are not over, by start, and whether their account holds a time."""

    id: uuid.UUID
    # When that was done before.
    erased_at: datetime | None
    to_come: Sequence[uuid.UUID] = ()
    holds_a_time: bool = False


def erase(patient: Patient | None, actor: Actor) -> Patient:
    """Decide to erase a patient; who is erased already stays so. Raises Forbidden, NotFound, BookingsInTheWay."""
    if not actor.administers:
        raise errors.Forbidden
    if patient is None:
        raise errors.NotFound
    if patient.to_come:
        raise errors.BookingsInTheWay(
            "The patient has appointments that are not over; cancel them first.",
            appointments=[str(id_) for id_ in patient.to_come],
        )
    if patient.holds_a_time:
        raise errors.BookingsInTheWay(
            "The patient's account holds a time; give it back first, or wait until it expires.", appointments=[]
        )
    return patient
