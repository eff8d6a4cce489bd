"""The booking rules: every refusal in the contract's order, who may do what, and that nothing ever overlaps."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dental_sync.core import errors, preconditions
from dental_sync.core.actor import Actor
from dental_sync.core.wire_types import Nothing
from dental_sync.diary import shapes
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Appointment, Claim, Decision, Dentist, Diary, Treatment
from dental_sync.diary.shapes import Book, Cancel, Reschedule
from dental_sync.diary.transitions import BLOCKING_STATUSES, STATUSES
from tests.decided import decide

ANNA, BEN = uuid.uuid4(), uuid.uuid4()  # dentists
MIA, NOAH = uuid.uuid4(), uuid.uuid4()  # patients
CHECK_UP, LONG, BUFFERED, APPROVED, XRAY, SURGERY = (uuid.uuid4() for _ in range(6))  # treatments
CHAIR_1, CHAIR_2 = uuid.uuid4(), uuid.uuid4()

MONDAY_NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
TUESDAY_NINE = datetime(2025, 11, 11, 9, tzinfo=UTC)  # of the week after
HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)

A_USER = uuid.uuid4()
PATIENT_MIA = Actor(A_USER, "patient", "Mia", "mia@x.test", patient_id=MIA)
PATIENT_NOAH = Actor(A_USER, "patient", "Noah", "noah@x.test", patient_id=NOAH)
DENTIST_ANNA = Actor(A_USER, "dentist", "Anna", "anna@x.test", dentist_id=ANNA)
DENTIST_BEN = Actor(A_USER, "dentist", "Ben", "ben@x.test", dentist_id=BEN)
ADMIN = Actor(A_USER, "admin", "Front desk", "admin@x.test")
CHATBOT = Actor(A_USER, "chatbot", "Chatbot", "chatbot@x.test")


def treatment(
    minutes: int, *, before: int = 0, after: int = 0, approval: bool = False, chair: str | None = None
) -> Treatment:
    """A treatment, written short."""
    return Treatment(timedelta(minutes=minutes), before, after, approval, chair)


def a_dentist() -> Dentist:
    """Works every day from 08:00 to 20:00 UTC."""
    return Dentist(ZoneInfo("UTC"), [WeeklyWindow(day, time(8), time(20)) for day in range(1, 8)], [])


def a_diary() -> Diary:
    """Two dentists, two patients, two chairs for surgery, and nothing booked."""
    return Diary(
        minimum_notice=timedelta(0),
        furthest_advance=timedelta(days=365),
        cancel_cutoff=timedelta(hours=24),
        patient_booking=timedelta(hours=2),
        slot_step=timedelta(minutes=15),
        hold_for=timedelta(minutes=5),
        holds_per_patient=3,
        dentists={ANNA: a_dentist(), BEN: a_dentist()},
        patients=frozenset({MIA, NOAH}),
        treatments={
            CHECK_UP: treatment(30),
            LONG: treatment(180),
            BUFFERED: treatment(30, before=15, after=15),
            APPROVED: treatment(30, approval=True),
            XRAY: treatment(30, chair="x-ray"),
            SURGERY: treatment(60, chair="surgery"),
        },
        chairs={"surgery": [CHAIR_1, CHAIR_2]},
        closures=[],
        appointments={},
    )


def an_appointment(**facts: object) -> Appointment:
    """Mia's check-up with Anna on Tuesday at nine, unless said otherwise."""
    booked = Appointment(
        id=uuid.uuid4(),
        patient_id=MIA,
        dentist_id=ANNA,
        treatment_id=CHECK_UP,
        chair_id=None,
        time=Interval(TUESDAY_NINE, TUESDAY_NINE + HALF_HOUR),
        buffer_before_minutes=0,
        buffer_after_minutes=0,
        status="booked",
    )
    return replace(booked, **facts)  # type: ignore[arg-type]


def entered(diary: Diary, **facts: object) -> Appointment:
    """An appointment that is in the diary already."""
    appointment = an_appointment(**facts)
    diary.enter(appointment)
    return appointment


def book(diary: Diary, actor: Actor = PATIENT_MIA, *, received_at: datetime = MONDAY_NOON, **wish: object) -> Decision:
    """Book a check-up with Anna on Tuesday at nine, unless said otherwise."""
    asked = {"dentist_id": ANNA, "starts_at": TUESDAY_NINE, **wish}
    if "treatment_id" not in asked and "ends_at" not in asked:
        asked["treatment_id"] = CHECK_UP
    if actor.role != "patient":
        asked.setdefault("patient_id", MIA)
    return decide(diary, actor, "book", None, a_wish(Book, asked), if_match=None, received_at=received_at)


def change(
    diary: Diary,
    appointment: Appointment,
    actor: Actor = PATIENT_MIA,
    *,
    if_match: str | None = None,
    received_at: datetime = MONDAY_NOON,
    **wish: object,
) -> Appointment:
    """Reschedule, and give what the diary says afterwards."""
    asked = a_wish(Reschedule, wish)
    decide(diary, actor, "reschedule", appointment.id, asked, if_match=if_match, received_at=received_at)
    return diary.appointments[appointment.id]


def cancel(
    diary: Diary, appointment: Appointment, actor: Actor = PATIENT_MIA, *, received_at: datetime = MONDAY_NOON
) -> Decision:
    """Cancel without a reason."""
    return decide(diary, actor, "cancel", appointment.id, Cancel(), if_match=None, received_at=received_at)


def delete(diary: Diary, appointment: Appointment, actor: Actor = ADMIN) -> Decision:
    """Strike out."""
    return decide(diary, actor, "delete", appointment.id, Nothing(), if_match=None, received_at=MONDAY_NOON)


def a_wish(shape: type[Any], fields: dict[str, object]) -> Any:
    """A wish as the wire brings it: by the names of the contract."""
    return shape.model_validate({shape.model_fields[name].alias: value for name, value in fields.items()})


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
    assert decision.rows[-1].values == {
        "id": decision.record.id,
        "patient_id": MIA,
        "dentist_id": ANNA,
        "treatment_id": SURGERY,
        "chair_id": CHAIR_1,
        "starts_at": TUESDAY_NINE,
        "ends_at": TUESDAY_NINE + HOUR,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "status": "booked",
        "confirmation": "unconfirmed",
        "reason": "It hurts.",
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


@pytest.mark.parametrize("actor", [PATIENT_MIA, DENTIST_ANNA, ADMIN])
def test_treatment_and_end_must_agree(actor: Actor) -> None:
    """Both may be given; when they say different things nobody guesses."""
    diary = a_diary()
    with pytest.raises(errors.InvalidDuration, match="30 minutes"):
        book(diary, actor, treatment_id=CHECK_UP, ends_at=TUESDAY_NINE + timedelta(minutes=31))
    assert book(diary, actor, treatment_id=CHECK_UP, ends_at=TUESDAY_NINE + HALF_HOUR).effect == "made"


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


# What is taken.


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


def test_an_appointment_is_not_in_its_own_way() -> None:
    """Moving by a quarter of an hour overlaps nothing but what it leaves."""
    diary = a_diary()
    appointment = entered(
        diary, treatment_id=SURGERY, chair_id=CHAIR_1, time=Interval(TUESDAY_NINE, TUESDAY_NINE + HOUR)
    )
    after = change(diary, appointment, starts_at=TUESDAY_NINE + timedelta(minutes=15))
    assert after.time.start == TUESDAY_NINE + timedelta(minutes=15)


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


# Who may do what.


@pytest.mark.parametrize("dentist_id", [ANNA, BEN])
def test_a_dentist_books_into_the_own_diary_and_an_admin_into_any(dentist_id: uuid.UUID) -> None:
    """A colleague's diary is the colleague's."""
    assert book(a_diary(), ADMIN, dentist_id=dentist_id).effect == "made"
    if dentist_id == ANNA:
        assert book(a_diary(), DENTIST_ANNA, dentist_id=dentist_id).effect == "made"
    else:
        with pytest.raises(errors.Forbidden):
            book(a_diary(), DENTIST_ANNA, dentist_id=dentist_id)


def test_a_patient_books_for_themselves_alone() -> None:
    """The own id may be given, another's may not, and whoever has no patient's record has nobody to book for."""
    assert book(a_diary(), PATIENT_MIA, patient_id=MIA).effect == "made"
    with pytest.raises(errors.Forbidden):
        book(a_diary(), PATIENT_MIA, patient_id=NOAH)
    with pytest.raises(errors.Forbidden):
        book(a_diary(), replace(PATIENT_MIA, patient_id=None))


@pytest.mark.parametrize("actor", [DENTIST_ANNA, ADMIN])
def test_staff_say_for_whom(actor: Actor) -> None:
    """Without `patientId` the booking of staff is for nobody."""
    with pytest.raises(errors.ValidationFailed) as refused:
        book(a_diary(), actor, patient_id=None)
    assert [error["pointer"] for error in refused.value.errors] == ["/patientId"]


def test_a_chatbot_books_changes_and_cancels_nothing() -> None:
    """It sees what is free and no more."""
    diary = a_diary()
    appointment = entered(diary)
    with pytest.raises(errors.Forbidden):
        book(diary, CHATBOT)
    for attempt in (
        lambda: change(diary, appointment, CHATBOT, reason="x"),
        lambda: cancel(diary, appointment, CHATBOT),
    ):
        with pytest.raises(errors.NotFound):
            attempt()


@pytest.mark.parametrize("actor", [PATIENT_NOAH, DENTIST_BEN, CHATBOT])
@pytest.mark.parametrize("verb", ["change", "cancel", "delete"])
def test_somebody_elses_appointment_is_not_there(actor: Actor, verb: str) -> None:
    """Not forbidden but not found, as one that does not exist: neither says that it is there."""
    diary = a_diary()
    for appointment in (entered(diary), an_appointment()):
        verbs: dict[str, Callable[[], object]] = {
            "change": lambda a=appointment: change(diary, a, actor, starts_at=TUESDAY_NINE + HOUR),
            "cancel": lambda a=appointment: cancel(diary, a, actor),
            "delete": lambda a=appointment: delete(diary, a, actor),
        }
        with pytest.raises(errors.NotFound):
            verbs[verb]()


@pytest.mark.parametrize("actor", [PATIENT_MIA, DENTIST_ANNA, ADMIN])
def test_patient_dentist_and_admin_may_move_and_cancel(actor: Actor) -> None:
    """Each of the three whose appointment it is; the row says who cancelled."""
    diary = a_diary()
    moved = change(diary, entered(diary), actor, starts_at=TUESDAY_NINE + HOUR)
    assert moved.time.start == TUESDAY_NINE + HOUR
    decision = cancel(diary, moved, actor)
    assert decision.rows[-1].values == {
        "status": "cancelled",
        "cancelled_at": MONDAY_NOON,
        "cancelled_by": actor.role,
        "cancel_reason": None,
    }
    assert diary.appointments[moved.id].status == "cancelled"


def test_patients_and_admins_may_change_the_dentist_and_dentists_may_not() -> None:
    """A dentist does not fill a colleague's diary; naming the own id changes nothing and is no offence."""
    diary = a_diary()
    appointment = entered(diary)
    with pytest.raises(errors.Forbidden):
        change(diary, appointment, DENTIST_ANNA, dentist_id=BEN)
    assert change(diary, appointment, DENTIST_ANNA, dentist_id=ANNA).version == 1
    assert change(diary, appointment, PATIENT_MIA, dentist_id=BEN).dentist_id == BEN
    assert change(diary, appointment, ADMIN, dentist_id=ANNA).dentist_id == ANNA


@pytest.mark.parametrize("actor", [PATIENT_MIA, DENTIST_ANNA])
def test_only_an_admin_strikes_out(actor: Actor) -> None:
    """Those who see the appointment are told so; for everybody it is gone afterwards, the admin included."""
    diary = a_diary()
    appointment = entered(diary)
    with pytest.raises(errors.Forbidden):
        delete(diary, appointment, actor)
    assert delete(diary, appointment).rows[-1].values == {"status": "entered-in-error"}
    for somebody in (actor, ADMIN):
        with pytest.raises(errors.NotFound):
            change(diary, appointment, somebody, reason="x")
    with pytest.raises(errors.NotFound):
        delete(diary, appointment)


@pytest.mark.parametrize("status", sorted(STATUSES - {"entered-in-error"}))
def test_only_what_is_pending_or_booked_can_be_moved_or_cancelled(status: str) -> None:
    """What has begun, is over or was cancelled stays as it is, for staff too; it can still be struck out."""
    for actor in (PATIENT_MIA, DENTIST_ANNA, ADMIN):
        diary = a_diary()
        appointment = entered(diary, status=status)
        if status in ("pending", "booked"):
            assert change(diary, appointment, actor, reason="x").reason == "x"
            cancel(diary, appointment, actor)
            continue
        with pytest.raises(errors.IllegalTransition):
            change(diary, appointment, actor, reason="x")
        with pytest.raises(errors.IllegalTransition):
            cancel(diary, appointment, actor)
        assert delete(diary, appointment).rows[-1].values == {"status": "entered-in-error"}


@pytest.mark.parametrize("what", ["cancel", "move", "reason"])
def test_a_patient_may_change_until_the_cut_off_and_staff_until_the_start(what: str) -> None:
    """Twenty-four hours before the start, to the millisecond; a new reason is a change too."""
    in_time = TUESDAY_NINE - timedelta(hours=24)
    too_late = in_time + timedelta(milliseconds=1)

    def attempt(actor: Actor, received_at: datetime) -> object:
        diary = a_diary()
        appointment = entered(diary)
        if what == "cancel":
            return cancel(diary, appointment, actor, received_at=received_at)
        if what == "move":
            return change(diary, appointment, actor, received_at=received_at, starts_at=TUESDAY_NINE + 9 * HOUR)
        return change(diary, appointment, actor, received_at=received_at, reason="x")

    assert attempt(PATIENT_MIA, in_time)
    with pytest.raises(errors.PastCutoff):
        attempt(PATIENT_MIA, too_late)
    assert attempt(DENTIST_ANNA, too_late)
    assert attempt(ADMIN, too_late)


# In the order of the contract.


@dataclass
class Case:
    """A request with everything wrong that was asked for, and nothing else."""

    diary: Diary
    wish: dict[str, Any]
    starts_at: datetime = TUESDAY_NINE
    received_at: datetime = MONDAY_NOON


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
    (errors.UnknownDentist, unknown_dentist),
    (errors.UnknownPatient, unknown_patient),
    (errors.UnknownTreatment, unknown_treatment),
    (errors.InvalidDuration, invalid_duration),
    (errors.InThePast, in_the_past),
    (errors.TooSoon, too_soon),
    (errors.TooFarAhead, too_far_ahead),
    (errors.OutsideWorkingHours, outside_working_hours),
    (errors.PastCutoff, past_cutoff),
    (errors.SlotTaken, slot_taken),
    (errors.PatientDoubleBooked, patient_double_booked),
]
BOOKING_ORDER = [entry for entry in IN_ORDER if entry[0] is not errors.PastCutoff]
# Whose appointment it is was known when it was booked.
RESCHEDULING_ORDER = [entry for entry in IN_ORDER if entry[0] is not errors.UnknownPatient]


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
        book(case.diary, PATIENT_MIA, received_at=case.received_at, **case.wish)
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
        change(case.diary, appointment, PATIENT_MIA, received_at=case.received_at, **case.wish)
    assert type(refused.value) is first
    assert case.diary.appointments == {appointment.id: appointment}


def test_without_anything_wrong_the_cases_above_are_booked() -> None:
    """So it is the defects that are refused, and not the case."""
    assert book(a_diary(), PATIENT_MIA, treatment_id=CHECK_UP).effect == "made"
    diary = a_diary()
    assert change(diary, entered(diary), starts_at=TUESDAY_NINE + HOUR, treatment_id=CHECK_UP).version == 2


# Versions.


@pytest.mark.parametrize(
    ("if_match", "passes"),
    [
        (None, True),
        ("*", True),
        (' "7" ', True),
        ('"1", "7"', True),
        ('"6"', False),
        ('W/"7"', False),
        ("7", False),
        ("", False),
        ('"77"', False),
    ],
)
def test_a_change_is_applied_only_to_the_version_that_was_read(if_match: str | None, passes: bool) -> None:
    """`If-Match` compares strongly (RFC 9110); without it nobody asked."""
    diary = a_diary()
    appointment = entered(diary, version=7)
    if passes:
        assert change(diary, appointment, if_match=if_match, reason="x").version == 8
    else:
        with pytest.raises(errors.PreconditionFailed):
            change(diary, appointment, if_match=if_match, reason="x")
        assert diary.appointments[appointment.id] == appointment


def test_an_entity_tag_is_the_version_in_quotes() -> None:
    """What `ETag` says is what `If-Match` takes."""
    diary = a_diary()
    appointment = entered(diary, version=7)
    assert preconditions.etag(7) == '"7"'
    assert change(diary, appointment, if_match=preconditions.etag(7), reason="x").version == 8


def test_the_precondition_is_judged_before_the_rules_and_after_the_rights() -> None:
    """A stranger learns nothing from a stale tag, and a stale tag is the answer whatever else is wrong."""
    diary = a_diary()
    appointment = entered(diary, status="cancelled")
    with pytest.raises(errors.NotFound):
        change(diary, appointment, PATIENT_NOAH, if_match='"9"', reason="x")
    with pytest.raises(errors.PreconditionFailed):
        change(diary, appointment, if_match='"9"', reason="x")


def test_the_version_rises_with_every_change_and_with_nothing_else() -> None:
    """The next request of the same batch is judged by the version that this one made."""
    diary = a_diary()
    appointment = entered(diary)
    assert change(diary, appointment, if_match='"1"', reason="x").version == 2
    assert change(diary, appointment, if_match='"2"', reason="x").version == 2
    assert change(diary, appointment, if_match='"2"', starts_at=TUESDAY_NINE).version == 2
    assert change(diary, appointment, if_match='"2"', starts_at=TUESDAY_NINE + HOUR).version == 3
    cancel(diary, appointment)
    assert diary.appointments[appointment.id].version == 4
    delete(diary, appointment)
    assert diary.appointments[appointment.id].version == 5


def test_a_new_reason_alone_touches_nothing_else() -> None:
    """Also where the time could not be booked any more; null takes the reason away."""
    diary = a_diary()
    appointment = entered(diary, reason="It hurts.")
    diary.dentists = {}
    diary.closures = [appointment.time]
    assert change(diary, appointment, reason=None) == replace(appointment, reason=None, version=2)


# Whatever happens, in whatever order.

PEOPLE = [PATIENT_MIA, PATIENT_NOAH, DENTIST_ANNA, DENTIST_BEN, ADMIN]
starts = st.integers(0, 16).map(lambda n: TUESDAY_NINE + n * timedelta(minutes=15))
operations = st.one_of(
    st.tuples(
        st.just("book"),
        st.sampled_from(PEOPLE),
        st.fixed_dictionaries(
            {
                "dentist_id": st.sampled_from([ANNA, BEN]),
                "starts_at": starts,
                "treatment_id": st.sampled_from([CHECK_UP, BUFFERED, SURGERY, APPROVED]),
                "patient_id": st.sampled_from([MIA, NOAH]),
            }
        ),
    ),
    st.tuples(
        st.just("change"),
        st.integers(0, 9),
        st.dictionaries(
            st.sampled_from(["starts_at", "dentist_id", "treatment_id"]), st.integers(0, 16), min_size=1
        ).map(
            lambda wish: {
                name: {
                    "starts_at": TUESDAY_NINE + n * timedelta(minutes=15),
                    "dentist_id": [ANNA, BEN][n % 2],
                    "treatment_id": [CHECK_UP, BUFFERED, SURGERY][n % 3],
                }[name]
                for name, n in wish.items()
            }
        ),
    ),
    st.tuples(st.sampled_from(["cancel", "delete"]), st.integers(0, 9), st.none()),
)


@given(st.lists(operations, max_size=30))
@hypothesis_settings(max_examples=200)
def test_no_sequence_of_decisions_ever_overlaps(sequence: list[tuple[str, Any, Any]]) -> None:
    """After each booking, move, cancellation and deletion: no dentist, chair or patient is needed twice at a time."""
    diary = a_diary()
    for verb, who, wish in sequence:
        existing = list(diary.appointments.values())
        try:
            if verb == "book":
                own = {"patient_id": who.patient_id} if who.role == "patient" else {}
                book(diary, who, **{**wish, **own})
            elif existing and verb == "change":
                change(diary, existing[who % len(existing)], ADMIN, **wish)
            elif existing:
                {"cancel": cancel, "delete": delete}[verb](diary, existing[who % len(existing)], ADMIN)
        except errors.Refusal:
            assert list(diary.appointments.values()) == existing
        assert_nothing_overlaps(diary)


def assert_nothing_overlaps(diary: Diary) -> None:
    """Compare every pair, with nothing but the appointments themselves; and what is noted as taken is their sum."""
    blocking = [a for a in diary.appointments.values() if a.status in BLOCKING_STATUSES]
    for one, other in itertools.combinations(blocking, 2):
        shared = {one.dentist_id, one.chair_id} & {other.dentist_id, other.chair_id} - {None}
        if shared:
            assert not overlap(
                (one.time.start, one.buffer_before_minutes, one.time.end, one.buffer_after_minutes),
                (other.time.start, other.buffer_before_minutes, other.time.end, other.buffer_after_minutes),
            )
        if one.patient_id == other.patient_id:
            assert not overlap((one.time.start, 0, one.time.end, 0), (other.time.start, 0, other.time.end, 0))
    noted = {
        (resource, owner) for resource, claims in diary.taken.items() for claim in claims for owner in [claim.owner_id]
    }
    assert noted == {(r, a.id) for a in blocking for r in (a.dentist_id, a.chair_id) if r is not None}


def overlap(one: tuple[datetime, int, datetime, int], other: tuple[datetime, int, datetime, int]) -> bool:
    """Whether two times share a minute, the minutes before and after included."""

    def minutes(start: datetime, before: int, end: datetime, after: int) -> set[int]:
        first = int((start - TUESDAY_NINE).total_seconds() // 60) - before
        return set(range(first, int((end - TUESDAY_NINE).total_seconds() // 60) + after))

    return bool(minutes(*one) & minutes(*other))
