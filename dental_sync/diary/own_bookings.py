"""What binds patients and guardians who book online, and never staff: who may, and how often. Pure."""

from __future__ import annotations

import uuid
from datetime import datetime

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary.model import Diary
from dental_sync.diary.visits import Treatment


def check_may_book(diary: Diary, actor: Actor, patient_id: uuid.UUID | None) -> None:
    """Raise BookingBarred for a patient whom the practice bars; AddressNotConfirmed where a confirmed one is needed."""
    if not actor.is_patient:
        return
    if patient_id in diary.barred:
        raise errors.BookingBarred
    if diary.needs_confirmed_address and not actor.has_confirmed_address:
        raise errors.AddressNotConfirmed


def check_open_bookings(diary: Diary, actor: Actor, patient_id: uuid.UUID | None, received_at: datetime) -> None:
    """Raise TooManyBookings where the patient has as many appointments to come as may be booked online."""
    most = diary.open_bookings_per_patient
    if not actor.is_patient or patient_id is None or most is None:
        return
    if diary.open_bookings(patient_id, received_at) >= most:
        raise errors.TooManyBookings


def first_status(diary: Diary, actor: Actor, patient_id: uuid.UUID, treatment: Treatment | None) -> str:
    """Both block the time; a pending booking waits for the practice's approval.

    So it does for the treatment's sake, or because the practice does not know who comes: the account registered alone,
    and no appointment of its own record was ever accepted. For whom somebody is a guardian, the practice has said.
    """
    if treatment is not None and treatment.requires_approval:
        return "pending"
    is_unknown = (
        actor.is_patient
        and not actor.is_vouched_for
        and patient_id == actor.own_patient_id
        and patient_id not in diary.accepted
    )
    return "pending" if diary.approves_new_patients and is_unknown else "booked"
