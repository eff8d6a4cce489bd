"""No time is given twice: dentists, buffers and patients."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dental_sync.core import errors
from dental_sync.diary import shapes
from tests.decided import decide
from tests.diary.diaries import (
    ADMIN,
    ANNA,
    BEN,
    BUFFERED,
    CHECK_UP,
    DENTIST_ANNA,
    HALF_HOUR,
    HOUR,
    MIA,
    MONDAY_NOON,
    NOAH,
    PATIENT_MIA,
    PATIENT_NOAH,
    TUESDAY_NINE,
    a_diary,
    a_wish,
    book,
    cancel,
    change,
    delete,
    entered,
)


def test_a_second_booking_of_a_slot_is_refused() -> None:
    """The heart of the matter; the time before and the time after stay free."""
    diary = a_diary()
    book(diary)
    for minutes in (-29, 0, 29):
        with pytest.raises(errors.SlotTaken):
            book(diary, PATIENT_NOAH, starts_at=TUESDAY_NINE + timedelta(minutes=minutes))
    assert book(diary, PATIENT_NOAH, starts_at=TUESDAY_NINE - HALF_HOUR).effect == "made"
    assert book(diary, PATIENT_NOAH, starts_at=TUESDAY_NINE + HALF_HOUR).effect == "made"
    assert book(diary, PATIENT_NOAH, dentist_id=BEN).effect == "made"


def test_an_admin_cannot_double_book_either() -> None:
    """No role is above the diary."""
    diary = a_diary()
    entered(diary)
    with pytest.raises(errors.SlotTaken):
        book(diary, ADMIN, patient_id=NOAH)


def test_buffers_are_nobody_elses_time() -> None:
    """Fifteen minutes on either side of the treatment: the new one's buffers count as much as the old one's."""
    diary = a_diary()
    book(diary, treatment_id=BUFFERED)
    for minutes in (-44, -30, 30, 44):
        with pytest.raises(errors.SlotTaken):
            book(diary, PATIENT_NOAH, starts_at=TUESDAY_NINE + timedelta(minutes=minutes))
    with pytest.raises(errors.SlotTaken):
        book(diary, PATIENT_NOAH, starts_at=TUESDAY_NINE + timedelta(minutes=45), treatment_id=BUFFERED)
    assert book(diary, PATIENT_NOAH, starts_at=TUESDAY_NINE - timedelta(minutes=45)).effect == "made"
    assert book(diary, PATIENT_NOAH, starts_at=TUESDAY_NINE + HOUR, treatment_id=BUFFERED).effect == "made"


def test_buffers_may_reach_beyond_the_hours() -> None:
    """Tidying up before opening and after closing is the practice's own business."""
    diary = a_diary()
    assert book(diary, treatment_id=BUFFERED, starts_at=TUESDAY_NINE - HOUR).effect == "made"


def test_a_patient_cannot_be_in_two_places() -> None:
    """With another dentist at the same time: refused; one after the other: fine, buffers are the dentist's alone."""
    diary = a_diary()
    book(diary, treatment_id=BUFFERED)
    with pytest.raises(errors.PatientDoubleBooked):
        book(diary, dentist_id=BEN, starts_at=TUESDAY_NINE + timedelta(minutes=29))
    assert book(diary, dentist_id=BEN, starts_at=TUESDAY_NINE + HALF_HOUR).effect == "made"


def test_a_patient_holds_no_time_at_which_they_are_elsewhere_and_staff_hold_for_others() -> None:
    """A dentist who was a patient here once still has that record; it is not for themselves that they hold."""
    diary = a_diary()
    entered(diary, dentist_id=BEN)
    wish = a_wish(shapes.HoldTime, {"dentist_id": ANNA, "starts_at": TUESDAY_NINE, "treatment_id": CHECK_UP})
    with pytest.raises(errors.PatientDoubleBooked):
        decide(diary, PATIENT_MIA, "hold", None, wish, if_match=None, received_at=MONDAY_NOON)
    once_mia = replace(DENTIST_ANNA, patient_id=MIA)
    assert decide(diary, once_mia, "hold", None, wish, if_match=None, received_at=MONDAY_NOON).effect == "made"


def test_a_time_that_was_left_is_free_for_the_next_request_of_the_batch() -> None:
    """Moved away, cancelled or struck out: the diary knows at once."""
    diary = a_diary()
    appointment = entered(diary)
    change(diary, appointment, starts_at=TUESDAY_NINE + HOUR)
    taken = diary.appointments[book(diary, PATIENT_NOAH).record.id]
    cancel(diary, taken, PATIENT_NOAH)
    taken = diary.appointments[book(diary, PATIENT_NOAH).record.id]
    delete(diary, taken)
    assert book(diary, PATIENT_NOAH).effect == "made"
