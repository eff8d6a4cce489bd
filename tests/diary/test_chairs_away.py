"""A chair that is away is not picked and cannot be named, wherever a seat is looked for, unless staff force it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dental_sync.core import errors
from dental_sync.core.wire_types import Nothing
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary
from dental_sync.diary.visits import Treatment
from tests.decided import decide
from tests.diary.diaries import (
    ADMIN,
    BEN,
    CHAIR_1,
    CHAIR_2,
    HALF_HOUR,
    HOUR,
    MONDAY_NOON,
    NOAH,
    PATIENT_NOAH,
    SURGERY,
    TUESDAY_NINE,
    a_diary,
    book,
    cancel,
    change,
    entered,
    hold,
)

SURGERY_TIME = Interval(TUESDAY_NINE, TUESDAY_NINE + HOUR)


def with_one_away(start: timedelta = timedelta(0), length: timedelta = HOUR) -> Diary:
    """The first surgery is away for an hour from Tuesday at nine on, unless said otherwise."""
    diary = a_diary()
    away = Interval(TUESDAY_NINE + start, TUESDAY_NINE + start + length)
    diary.chairs_away = {CHAIR_1: [away]}
    return diary


def test_a_booking_gets_the_chair_that_is_there_until_none_is() -> None:
    """Two surgeries, one of them away: there is room for one."""
    diary = with_one_away()
    assert book(diary, treatment_id=SURGERY).rows[-1].values["chair_id"] == CHAIR_2
    with pytest.raises(errors.SlotTaken, match="chair"):
        book(diary, PATIENT_NOAH, dentist_id=BEN, treatment_id=SURGERY)
    with pytest.raises(errors.SlotTaken):
        hold(diary, PATIENT_NOAH, dentist_id=BEN, treatment_id=SURGERY)
    # Whoever needs no chair is no matter of it.
    book(diary, PATIENT_NOAH, dentist_id=BEN)


def test_a_hold_gets_the_chair_that_is_there() -> None:
    """As a booking does."""
    assert hold(with_one_away(), treatment_id=SURGERY).rows[-1].values["chair_id"] == CHAIR_2


@pytest.mark.parametrize(
    ("start", "is_free"),
    [
        (HOUR + timedelta(minutes=20), True),
        (HOUR + timedelta(minutes=19), False),
        (-HOUR - timedelta(minutes=10), True),
        (-HOUR - timedelta(minutes=9), False),
    ],
)
def test_the_chair_is_needed_for_the_buffers_too(start: timedelta, *, is_free: bool) -> None:
    """Ten minutes before and twenty after; what only touches is free."""
    diary = with_one_away(start)
    diary.chairs = {"surgery": [CHAIR_1]}
    diary.treatments = {**diary.treatments, SURGERY: Treatment(HOUR, 10, 20, chair_kind="surgery")}
    wish = {"treatment_id": SURGERY}
    if is_free:
        assert book(diary, **wish).rows[-1].values["chair_id"] == CHAIR_1
    else:
        with pytest.raises(errors.SlotTaken):
            book(diary, **wish)


def test_staff_name_a_chair_that_is_away_only_by_force() -> None:
    """Whether the treatment needs one or not."""
    diary = with_one_away()
    with pytest.raises(errors.SlotTaken):
        book(diary, ADMIN, chair_id=CHAIR_1)
    with pytest.raises(errors.SlotTaken):
        book(diary, ADMIN, treatment_id=SURGERY, chair_id=CHAIR_1)
    assert book(diary, ADMIN, chair_id=CHAIR_1, force=True).rows[-1].values["chair_id"] == CHAIR_1


def test_force_prefers_a_chair_that_is_there_though_somebody_has_claimed_it() -> None:
    """And takes one that is away where all of them are."""
    diary = with_one_away()
    entered(diary, patient_id=NOAH, dentist_id=BEN, treatment_id=SURGERY, chair_id=CHAIR_2, time=SURGERY_TIME)
    forced = {"treatment_id": SURGERY, "force": True}
    assert book(diary, ADMIN, **forced).rows[-1].values["chair_id"] == CHAIR_2
    diary = with_one_away()
    diary.chairs_away = {CHAIR_1: [SURGERY_TIME], CHAIR_2: [SURGERY_TIME]}
    assert book(diary, ADMIN, **forced).rows[-1].values["chair_id"] in (CHAIR_1, CHAIR_2)


def test_an_appointment_moves_into_another_chair_where_its_own_is_away() -> None:
    """And is refused where that is taken."""
    diary = with_one_away(2 * HOUR)
    booked = entered(diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=SURGERY_TIME)
    assert change(diary, booked, ADMIN, starts_at=TUESDAY_NINE + HOUR).chair_id == CHAIR_1
    assert change(diary, booked, ADMIN, starts_at=TUESDAY_NINE + 2 * HOUR).chair_id == CHAIR_2
    diary = with_one_away(2 * HOUR)
    booked = entered(diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=SURGERY_TIME)
    later = Interval(TUESDAY_NINE + 2 * HOUR, TUESDAY_NINE + 3 * HOUR)
    entered(diary, patient_id=NOAH, dentist_id=BEN, treatment_id=SURGERY, chair_id=CHAIR_2, time=later)
    with pytest.raises(errors.SlotTaken):
        change(diary, booked, ADMIN, starts_at=later.start)


@pytest.mark.parametrize("named", [{}, {"chair_id": CHAIR_1}])
def test_what_a_change_leaves_alone_is_not_judged_anew(named: dict[str, object]) -> None:
    """A chair that went away over an appointment keeps it while it is only made shorter, and not when it is longer."""
    diary = with_one_away()
    booked = entered(diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=SURGERY_TIME)
    shorter = change(diary, booked, ADMIN, ends_at=TUESDAY_NINE + HALF_HOUR, **named)
    assert shorter.chair_id == CHAIR_1
    if named:
        with pytest.raises(errors.SlotTaken):
            change(diary, shorter, ADMIN, ends_at=TUESDAY_NINE + HOUR, **named)
    else:
        assert change(diary, shorter, ADMIN, ends_at=TUESDAY_NINE + HOUR).chair_id == CHAIR_2


def test_what_a_change_leaves_alone_stays_in_a_chair_that_is_withdrawn() -> None:
    """Also with another dentist, and not at another time."""
    diary = a_diary()
    diary.chairs = {"surgery": [CHAIR_2]}
    booked = entered(diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=SURGERY_TIME)
    assert change(diary, booked, ADMIN, ends_at=TUESDAY_NINE + HALF_HOUR).chair_id == CHAIR_1
    assert change(diary, booked, ADMIN, dentist_id=BEN).chair_id == CHAIR_1
    assert change(diary, booked, ADMIN, starts_at=TUESDAY_NINE + 2 * HOUR).chair_id == CHAIR_2


@pytest.mark.parametrize("wish", [{"chair_id": None}, {"chair_id": CHAIR_2}])
def test_staff_move_an_appointment_out_of_a_chair_that_is_gone(wish: dict[str, object]) -> None:
    """By naming another, or none, which is one that is there; whether it is away or withdrawn."""
    for gone in (with_one_away(), a_diary()):
        if not gone.chairs_away:
            gone.chairs = {"surgery": [CHAIR_2]}
        booked = entered(gone, treatment_id=SURGERY, chair_id=CHAIR_1, time=SURGERY_TIME)
        assert change(gone, booked, ADMIN, **wish).chair_id == CHAIR_2


def came_back_from_a_no_show(diary: Diary) -> object:
    """Nobody came, and yet somebody did."""
    missed = entered(diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=SURGERY_TIME, status="noshow")
    decide(diary, ADMIN, "undo-no-show", missed.id, Nothing(), if_match=None, received_at=TUESDAY_NINE + HOUR)
    return diary.appointments[missed.id].chair_id


def came_back_from_a_cancellation(diary: Diary) -> object:
    """Cancelled by mistake."""
    booked = entered(diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=SURGERY_TIME)
    cancel(diary, booked, ADMIN)
    decide(diary, ADMIN, "undo", booked.id, Nothing(), if_match=None, received_at=MONDAY_NOON)
    return diary.appointments[booked.id].chair_id


@pytest.mark.parametrize("come_back", [came_back_from_a_no_show, came_back_from_a_cancellation])
def test_what_comes_back_comes_back_into_a_chair_that_is_there(come_back: Callable[[Diary], object]) -> None:
    """Its own chair went away meanwhile; where all did the time is taken."""
    assert come_back(with_one_away()) == CHAIR_2
    diary = with_one_away()
    diary.chairs_away = {CHAIR_1: [SURGERY_TIME], CHAIR_2: [SURGERY_TIME]}
    with pytest.raises(errors.SlotTaken):
        come_back(diary)
