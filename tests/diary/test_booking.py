"""The booking rules: what is booked, how long it takes, and when it may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary.intervals import Interval
from dental_sync.diary.shapes import Book, Reschedule
from dental_sync.diary.transitions import STATUSES
from tests.diary.diaries import (
    ADMIN,
    ANNA,
    APPROVED,
    BEN,
    CHAIR_1,
    CHECK_UP,
    DENTIST_ANNA,
    HALF_HOUR,
    HOUR,
    LONG,
    MIA,
    PATIENT_MIA,
    PATIENT_NOAH,
    SURGERY,
    TUESDAY_NINE,
    a_dentist,
    a_diary,
    a_wish,
    book,
    cancel,
    entered,
    said,
)

# What is booked.


def test_a_patient_books_for_as_long_as_the_treatment_takes() -> None:
    """The treatment says how long; the booking is the patient's own, and booked at once."""
    diary = a_diary()
    decision = book(diary)
    assert decision.effect == "made"
    appointment = diary.appointments[decision.record.id]
    assert appointment.time == Interval(TUESDAY_NINE, TUESDAY_NINE + HALF_HOUR)
    assert (appointment.patient_id, appointment.dentist_id, appointment.treatment_id) == (MIA, ANNA, CHECK_UP)
    assert appointment.status == "booked"
    assert appointment.version == 1


def test_the_decision_says_what_is_stored() -> None:
    """Column by column, the row that the lane inserts is the appointment that the diary now shows."""
    diary = a_diary()
    decision = book(diary, treatment_id=SURGERY, reason="It hurts.")
    assert said(decision) == {
        "id": decision.record.id,
        "patient_id": MIA,
        "dentist_id": ANNA,
        "treatment_id": SURGERY,
        "chair_id": CHAIR_1,
        "assistant_id": None,
        "treatment_ids": None,
        "starts_at": TUESDAY_NINE,
        "ends_at": TUESDAY_NINE + HOUR,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "status": "booked",
        "confirmation": "unconfirmed",
        "reason": "It hurts.",
        "forced": False,
        "layers": "(,)",
    }


def test_a_treatment_that_requires_approval_is_pending_and_takes_the_time_all_the_same() -> None:
    """Nobody else gets the time while the practice makes up its mind."""
    diary = a_diary()
    decision = book(diary, treatment_id=APPROVED)
    assert diary.appointments[decision.record.id].status == "pending"
    with pytest.raises(errors.SlotTaken):
        book(diary, PATIENT_NOAH)


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_a_time_is_taken_exactly_while_the_status_says_so(status: str) -> None:
    """Cancelled, missed and struck-out appointments give their time back; all others keep it."""
    diary = a_diary()
    entered(diary, status=status)
    if status in ("pending", "booked", "arrived", "checked-in", "fulfilled"):
        with pytest.raises(errors.SlotTaken):
            book(diary, PATIENT_NOAH)
    else:
        assert book(diary, PATIENT_NOAH).effect == "made"


# How long.


@pytest.mark.parametrize(
    ("actor", "minutes", "allowed"),
    [
        (PATIENT_MIA, 1, True),
        (PATIENT_MIA, 120, True),
        (PATIENT_MIA, 121, False),
        (DENTIST_ANNA, 121, True),
        (DENTIST_ANNA, 720, True),
        (DENTIST_ANNA, 721, False),
        (ADMIN, 720, True),
        (ADMIN, 721, False),
        (PATIENT_MIA, 0, False),
        (ADMIN, 0, False),
        (ADMIN, -30, False),
    ],
)
def test_without_a_treatment_a_patient_takes_two_hours_at_most_and_staff_twelve(
    actor: Actor, minutes: int, allowed: bool
) -> None:
    """And the end comes after the start for everybody."""
    diary = a_diary()
    starts_at = TUESDAY_NINE - HOUR
    wish = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=minutes)}
    if allowed:
        appointment = diary.appointments[book(diary, actor, **wish).record.id]
        assert appointment.time == Interval(starts_at, starts_at + timedelta(minutes=minutes))
    else:
        with pytest.raises(errors.InvalidDuration):
            book(diary, actor, **wish)


def test_a_patient_books_a_treatment_however_long_it_takes() -> None:
    """The two hours are for bookings without a treatment."""
    diary = a_diary()
    appointment = diary.appointments[book(diary, treatment_id=LONG).record.id]
    assert appointment.time.end - appointment.time.start == 3 * HOUR


def test_treatment_and_end_must_agree_for_patients() -> None:
    """Both may be given; when they say different things nobody guesses."""
    diary = a_diary()
    with pytest.raises(errors.InvalidDuration, match="30 minutes"):
        book(diary, PATIENT_MIA, treatment_id=CHECK_UP, ends_at=TUESDAY_NINE + timedelta(minutes=31))
    assert book(diary, PATIENT_MIA, treatment_id=CHECK_UP, ends_at=TUESDAY_NINE + HALF_HOUR).effect == "made"


@pytest.mark.parametrize("actor", [DENTIST_ANNA, ADMIN])
def test_staff_say_how_long_a_treatment_takes_for_this_patient(actor: Actor) -> None:
    """Longer or shorter, within the longest that anybody may book."""
    diary = a_diary()
    longer = book(diary, actor, treatment_id=CHECK_UP, ends_at=TUESDAY_NINE + HOUR)
    assert diary.appointments[longer.record.id].time == Interval(TUESDAY_NINE, TUESDAY_NINE + HOUR)
    for ends_at in (TUESDAY_NINE, TUESDAY_NINE + timedelta(hours=12, minutes=1)):
        with pytest.raises(errors.InvalidDuration):
            book(diary, actor, treatment_id=CHECK_UP, ends_at=ends_at)


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        (Book, {"dentist_id": str(ANNA), "starts_at": "2025-11-11T09:00:00Z"}),
        (Reschedule, {}),
        (Reschedule, {"starts_at": None}),
        (Reschedule, {"dentist_id": None, "reason": "x"}),
        (Reschedule, {"treatment_id": None}),
        (Reschedule, {"ends_at": None}),
    ],
)
def test_a_wish_that_says_too_little_has_not_the_documented_shape(shape: type[Any], fields: dict[str, Any]) -> None:
    """A booking says until when, a change says what, and nothing but the reason can be taken away."""
    with pytest.raises(ValidationError):
        a_wish(shape, fields)


# The calendar.


@pytest.mark.parametrize(
    ("received_at", "refusal"),
    [
        (TUESDAY_NINE, None),
        (TUESDAY_NINE + timedelta(milliseconds=1), errors.InThePast),
        (TUESDAY_NINE - timedelta(days=365), None),
        (TUESDAY_NINE - timedelta(days=365, milliseconds=1), errors.TooFarAhead),
    ],
)
def test_a_time_is_judged_at_the_moment_the_request_came(
    received_at: datetime, refusal: type[errors.Refusal] | None
) -> None:
    """To the millisecond, at both ends of what can be booked."""
    diary = a_diary()
    if refusal is None:
        assert book(diary, received_at=received_at).effect == "made"
    else:
        with pytest.raises(refusal):
            book(diary, received_at=received_at)


def test_a_practice_that_needs_notice_gets_it() -> None:
    """An hour's notice means an hour, to the millisecond."""
    diary = a_diary()
    diary.minimum_notice = HOUR
    with pytest.raises(errors.TooSoon):
        book(diary, received_at=TUESDAY_NINE - HOUR + timedelta(milliseconds=1))
    assert book(diary, received_at=TUESDAY_NINE - HOUR).effect == "made"


@pytest.mark.parametrize(
    ("starts_at", "minutes", "allowed"),
    [
        (TUESDAY_NINE - HOUR, 30, True),
        (TUESDAY_NINE - HOUR - timedelta(minutes=1), 30, False),
        (datetime(2025, 11, 11, 19, 30, tzinfo=UTC), 30, True),
        (datetime(2025, 11, 11, 19, 30, tzinfo=UTC), 31, False),
        (datetime(2025, 11, 11, 3, tzinfo=UTC), 30, False),
    ],
)
def test_a_booking_lies_wholly_within_the_hours(starts_at: datetime, minutes: int, allowed: bool) -> None:
    """From the first minute to the last, for staff too."""
    diary = a_diary()
    wish = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=minutes)}
    for actor in (PATIENT_MIA, DENTIST_ANNA, ADMIN):
        if allowed:
            cancel(diary, diary.appointments[book(diary, actor, **wish).record.id], ADMIN)
        else:
            with pytest.raises(errors.OutsideWorkingHours):
                book(diary, actor, **wish)


@pytest.mark.parametrize("kind", ["time off", "closure"])
def test_nobody_is_booked_into_time_off_or_a_closure(kind: str) -> None:
    """One minute of it is enough; one dentist's time off does not concern another."""
    diary = a_diary()
    closed = Interval(TUESDAY_NINE + timedelta(minutes=29), TUESDAY_NINE + HOUR)
    if kind == "closure":
        diary.closures = [closed]
    else:
        diary.dentists = {ANNA: replace(a_dentist(), away=[closed]), BEN: a_dentist()}
    for actor in (PATIENT_MIA, ADMIN):
        with pytest.raises(errors.OutsideWorkingHours):
            book(diary, actor)
    assert book(diary, starts_at=TUESDAY_NINE + HOUR).effect == "made"
    if kind == "time off":
        assert book(diary, PATIENT_NOAH, dentist_id=BEN).effect == "made"
