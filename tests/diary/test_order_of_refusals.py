"""The refusals of a booking and of a change come in the contract's order."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from dental_sync.core import errors
from dental_sync.diary.claims import Claim
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary
from tests.diary.diaries import (
    ANNA,
    BEN,
    CHECK_UP,
    HOUR,
    MIA,
    MONDAY_NOON,
    NOAH,
    PATIENT_MIA,
    TUESDAY_NINE,
    a_diary,
    book,
    change,
    entered,
)


@dataclass
class Case:
    """A request with everything wrong that was asked for, and nothing else."""

    diary: Diary
    wish: dict[str, Any]
    starts_at: datetime = TUESDAY_NINE
    received_at: datetime = MONDAY_NOON


def booking_barred(case: Case) -> None:
    """The practice does not let the patient book online."""
    case.diary.barred = frozenset({MIA})


def address_not_confirmed(case: Case) -> None:
    """The practice wants to know that mail arrives, and does not."""
    case.diary.needs_confirmed_address = True


def too_many_bookings(case: Case) -> None:
    """The patient has as many to come as they may."""
    case.diary.open_bookings_per_patient = 1
    case.diary.open_starts = {MIA: {uuid.uuid4(): case.starts_at + 7 * 24 * HOUR}}


def unknown_dentist(case: Case) -> None:
    """Somebody who does not work here."""
    case.wish["dentist_id"] = uuid.uuid4()


def unknown_patient(case: Case) -> None:
    """Somebody who was never here."""
    case.diary.patients = frozenset({NOAH})


def unknown_treatment(case: Case) -> None:
    """Something that nobody does."""
    case.wish["treatment_id"] = uuid.uuid4()


def invalid_duration(case: Case) -> None:
    """An end before the start."""
    case.wish["ends_at"] = case.starts_at - HOUR


def in_the_past(case: Case) -> None:
    """The request comes after the start."""
    case.received_at = case.starts_at + HOUR


def too_soon(case: Case) -> None:
    """The practice wants to know a month before."""
    case.diary.minimum_notice = timedelta(days=30)


def too_far_ahead(case: Case) -> None:
    """The practice plans a day ahead."""
    case.diary.furthest_advance = timedelta(days=1)


def outside_working_hours(case: Case) -> None:
    """The practice is closed on that day."""
    case.diary.closures = [Interval(case.starts_at - 12 * HOUR, case.starts_at + 12 * HOUR)]


def past_cutoff(case: Case) -> None:
    """Patients change nothing in the last month."""
    case.diary.cancel_cutoff = timedelta(days=30)


def slot_taken(case: Case) -> None:
    """The dentist is busy then."""
    for dentist_id in (ANNA, BEN):
        case.diary.claim([dentist_id], Claim(Interval(case.starts_at, case.starts_at + HOUR), uuid.uuid4()))


def patient_double_booked(case: Case) -> None:
    """The patient is busy all day."""
    all_day = Interval(case.starts_at - 12 * HOUR, case.starts_at + 12 * HOUR)
    case.diary.patient_times.setdefault(MIA, {})[uuid.uuid4()] = all_day


Defect = Callable[[Case], None]

IN_ORDER: list[tuple[type[errors.Refusal], Defect]] = [
    (errors.BookingBarred, booking_barred),
    (errors.AddressNotConfirmed, address_not_confirmed),
    (errors.UnknownDentist, unknown_dentist),
    (errors.UnknownPatient, unknown_patient),
    (errors.UnknownTreatment, unknown_treatment),
    (errors.InvalidDuration, invalid_duration),
    (errors.InThePast, in_the_past),
    (errors.TooSoon, too_soon),
    (errors.TooFarAhead, too_far_ahead),
    (errors.OutsideWorkingHours, outside_working_hours),
    (errors.PastCutoff, past_cutoff),
    (errors.TooManyBookings, too_many_bookings),
    (errors.SlotTaken, slot_taken),
    (errors.PatientDoubleBooked, patient_double_booked),
]
BOOKING_ORDER = [entry for entry in IN_ORDER if entry[0] is not errors.PastCutoff]
# Whose appointment it is was known when it was booked; and who may not book may change what they have.
OF_BOOKINGS = (errors.UnknownPatient, errors.BookingBarred, errors.AddressNotConfirmed, errors.TooManyBookings)
RESCHEDULING_ORDER = [entry for entry in IN_ORDER if entry[0] not in OF_BOOKINGS]
# Nobody knows whether the address is theirs.
UNCONFIRMED = dataclasses.replace(PATIENT_MIA, has_confirmed_address=False)


def subsets(
    order: list[tuple[type[errors.Refusal], Defect]],
) -> list[tuple[type[errors.Refusal], tuple[Defect, ...]]]:
    """Each thing that can be wrong, alone and with every later one, with the refusal that comes first."""
    alone = [(refusal, (defect,)) for refusal, defect in order]
    pairs = [(one[0], (one[1], other[1])) for one, other in itertools.combinations(order, 2)]
    everything = [(order[n][0], tuple(defect for _, defect in order[n:])) for n in range(len(order))]
    return alone + pairs + everything


def names(value: object) -> str | None:
    """How a case is called in the report."""
    if isinstance(value, tuple):
        return "+".join(defect.__name__ for defect in value)
    return None if not isinstance(value, type) else value.code  # type: ignore[attr-defined]


@pytest.mark.parametrize(("first", "defects"), subsets(BOOKING_ORDER), ids=names)
def test_a_booking_is_refused_with_the_first_reason_that_applies(
    first: type[errors.Refusal], defects: tuple[Defect, ...]
) -> None:
    """Whatever else is wrong, the answer is the one that stands first in the contract; nothing is entered."""
    case = Case(a_diary(), {"treatment_id": CHECK_UP})
    for defect in defects:
        defect(case)
    with pytest.raises(errors.Refusal) as refused:
        book(case.diary, UNCONFIRMED, received_at=case.received_at, **case.wish)
    assert type(refused.value) is first
    assert case.diary.appointments == {}


@pytest.mark.parametrize(("first", "defects"), subsets(RESCHEDULING_ORDER), ids=names)
def test_a_change_is_refused_with_the_first_reason_that_applies(
    first: type[errors.Refusal], defects: tuple[Defect, ...]
) -> None:
    """The same rules in the same order as for a booking; the appointment stays as it was."""
    starts_at = TUESDAY_NINE + HOUR
    case = Case(a_diary(), {"starts_at": starts_at, "treatment_id": CHECK_UP}, starts_at=starts_at)
    appointment = entered(case.diary)
    for defect in defects:
        defect(case)
    with pytest.raises(errors.Refusal) as refused:
        change(case.diary, appointment, UNCONFIRMED, received_at=case.received_at, **case.wish)
    assert type(refused.value) is first
    assert case.diary.appointments == {appointment.id: appointment}


def test_without_anything_wrong_the_cases_above_are_booked() -> None:
    """So it is the defects that are refused, and not the case."""
    assert book(a_diary(), UNCONFIRMED, treatment_id=CHECK_UP).effect == "made"
    diary = a_diary()
    diary.barred = frozenset({MIA})
    diary.needs_confirmed_address = True
    diary.open_bookings_per_patient = 1
    assert change(diary, entered(diary), UNCONFIRMED, starts_at=TUESDAY_NINE + HOUR, treatment_id=CHECK_UP).version == 2
