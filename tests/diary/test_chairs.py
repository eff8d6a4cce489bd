"""Chairs: each appointment has one of its own, keeps it where it can, and is refused where there is none."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from dental_sync.core import errors
from dental_sync.diary.intervals import Interval
from tests.diary.diaries import (
    ADMIN,
    BEN,
    CHAIR_1,
    CHAIR_2,
    HOUR,
    MIA,
    NOAH,
    PATIENT_NOAH,
    SURGERY,
    TUESDAY_NINE,
    XRAY,
    a_dentist,
    a_diary,
    book,
    change,
    entered,
)


def test_each_booking_gets_a_chair_of_its_own_until_there_is_none() -> None:
    """Two chairs, two surgeries at a time; a third dentist's patient has to wait though the dentist is free."""
    diary = a_diary()
    carla, third = uuid.uuid4(), uuid.uuid4()
    diary.dentists = {**diary.dentists, carla: a_dentist()}
    diary.patients = frozenset({MIA, NOAH, third})
    first = book(diary, treatment_id=SURGERY)
    second = book(diary, PATIENT_NOAH, dentist_id=BEN, treatment_id=SURGERY)
    assert {first.rows[-1].values["chair_id"], second.rows[-1].values["chair_id"]} == {CHAIR_1, CHAIR_2}
    with pytest.raises(errors.SlotTaken, match="chair"):
        book(diary, ADMIN, patient_id=third, dentist_id=carla, treatment_id=SURGERY)
    assert book(diary, ADMIN, patient_id=third, dentist_id=carla).rows[-1].values["chair_id"] is None


def test_a_treatment_whose_kind_of_chair_the_practice_has_not_cannot_be_booked() -> None:
    """There is no x-ray chair, so every fitting chair is taken."""
    with pytest.raises(errors.SlotTaken):
        book(a_diary(), treatment_id=XRAY)


def test_an_appointment_that_moves_keeps_its_chair_where_that_is_possible() -> None:
    """And gets the other one where it is not."""
    diary = a_diary()
    surgery = Interval(TUESDAY_NINE, TUESDAY_NINE + HOUR)
    moved = entered(diary, treatment_id=SURGERY, chair_id=CHAIR_2, time=surgery)
    moved = change(diary, moved, starts_at=TUESDAY_NINE + HOUR)
    assert moved.chair_id == CHAIR_2
    entered(
        diary,
        patient_id=NOAH,
        dentist_id=BEN,
        treatment_id=SURGERY,
        chair_id=CHAIR_2,
        time=Interval(TUESDAY_NINE + 3 * HOUR, TUESDAY_NINE + 4 * HOUR),
    )
    assert change(diary, moved, starts_at=TUESDAY_NINE + 3 * HOUR).chair_id == CHAIR_1


def test_an_appointment_keeps_a_chair_when_its_treatment_is_no_longer_offered() -> None:
    """It was booked with a chair, and still needs one wherever it moves; newly booked it cannot be."""
    diary = a_diary()
    booked = entered(diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=Interval(TUESDAY_NINE, TUESDAY_NINE + HOUR))
    diary.treatments = {**diary.treatments, SURGERY: replace(diary.treatments[SURGERY], is_offered=False)}
    moved = change(diary, booked, starts_at=TUESDAY_NINE + HOUR)
    assert moved.chair_id == CHAIR_1
    with pytest.raises(errors.UnknownTreatment):
        book(diary, PATIENT_NOAH, dentist_id=BEN, treatment_id=SURGERY)
    with pytest.raises(errors.UnknownTreatment):
        change(diary, entered(diary, time=Interval(TUESDAY_NINE - HOUR, TUESDAY_NINE)), treatment_id=SURGERY)
