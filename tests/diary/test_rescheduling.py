"""A change of an appointment: what it keeps, what it brings, and what it may not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dental_sync.core import errors
from dental_sync.diary.intervals import Interval
from tests.diary.diaries import (
    APPROVED,
    BUFFERED,
    CHAIR_1,
    HALF_HOUR,
    HOUR,
    LONG,
    SURGERY,
    TUESDAY_NINE,
    a_diary,
    change,
    entered,
)


def test_a_new_start_alone_keeps_the_length() -> None:
    """Also a length that the treatment no longer has: what was agreed stays agreed."""
    diary = a_diary()
    appointment = entered(diary, time=Interval(TUESDAY_NINE, TUESDAY_NINE + timedelta(minutes=50)))
    after = change(diary, appointment, starts_at=TUESDAY_NINE + 5 * HOUR)
    assert after.time == Interval(TUESDAY_NINE + 5 * HOUR, TUESDAY_NINE + 5 * HOUR + timedelta(minutes=50))


def test_a_new_start_alone_keeps_the_buffers_that_were_booked() -> None:
    """A treatment that changed since moves nobody's claim."""
    diary = a_diary()
    appointment = entered(diary, treatment_id=BUFFERED, buffer_before_minutes=5, buffer_after_minutes=10)
    after = change(diary, appointment, starts_at=TUESDAY_NINE + HOUR)
    assert (after.buffer_before_minutes, after.buffer_after_minutes) == (5, 10)


def test_a_new_treatment_brings_its_length_and_its_buffers() -> None:
    """The change is a new agreement about the same appointment."""
    diary = a_diary()
    after = change(diary, entered(diary), treatment_id=BUFFERED)
    assert after.time == Interval(TUESDAY_NINE, TUESDAY_NINE + HALF_HOUR)
    assert (after.buffer_before_minutes, after.buffer_after_minutes) == (15, 15)
    after = change(diary, after, treatment_id=LONG)
    assert after.time.end == TUESDAY_NINE + 3 * HOUR
    assert (after.buffer_before_minutes, after.buffer_after_minutes) == (0, 0)


def test_a_new_treatment_that_requires_approval_is_pending_again() -> None:
    """The practice approved another treatment than this one."""
    diary = a_diary()
    after = change(diary, entered(diary), treatment_id=APPROVED)
    assert after.status == "pending"


def test_an_approved_appointment_that_only_moves_stays_approved() -> None:
    """A new time of an approved treatment needs no second approval."""
    diary = a_diary()
    after = change(diary, entered(diary, treatment_id=APPROVED), starts_at=TUESDAY_NINE + HOUR)
    assert after.status == "booked"


def test_a_new_end_must_agree_with_the_treatment_of_the_appointment() -> None:
    """A check-up does not get longer by wishing; without a treatment the length is free."""
    diary = a_diary()
    with pytest.raises(errors.InvalidDuration):
        change(diary, entered(diary), ends_at=TUESDAY_NINE + HOUR)
    free = entered(diary, treatment_id=None, time=Interval(TUESDAY_NINE + HOUR, TUESDAY_NINE + 2 * HOUR))
    assert change(diary, free, ends_at=TUESDAY_NINE + 3 * HOUR).time.end == TUESDAY_NINE + 3 * HOUR
    with pytest.raises(errors.InvalidDuration):
        change(diary, free, ends_at=TUESDAY_NINE + 4 * HOUR)  # three hours


def test_an_appointment_is_not_in_its_own_way() -> None:
    """Moving by a quarter of an hour overlaps nothing but what it leaves."""
    diary = a_diary()
    appointment = entered(
        diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=Interval(TUESDAY_NINE, TUESDAY_NINE + HOUR)
    )
    after = change(diary, appointment, starts_at=TUESDAY_NINE + timedelta(minutes=15))
    assert after.time.start == TUESDAY_NINE + timedelta(minutes=15)


def test_a_new_reason_alone_touches_nothing_else() -> None:
    """Also where the time could not be booked any more; null takes the reason away."""
    diary = a_diary()
    appointment = entered(diary, reason="It hurts.")
    diary.dentists = {}
    diary.closures = [appointment.time]
    after = change(diary, appointment, reason=None)
    assert replace(after, last_move=None) == replace(appointment, reason=None, version=2)
