"""Who may do what to an appointment, in which status, and until when."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.diary.model import Appointment, Diary
from dental_sync.diary.transitions import RUNNING, STATUSES
from tests.diary.diaries import (
    ADMIN,
    ANNA,
    BEN,
    CHATBOT,
    DENTIST_ANNA,
    DENTIST_BEN,
    HOUR,
    MIA,
    MONDAY_NOON,
    NOAH,
    PATIENT_MIA,
    PATIENT_NOAH,
    RECEPTIONIST,
    TUESDAY_NINE,
    a_diary,
    an_appointment,
    book,
    cancel,
    change,
    delete,
    entered,
    hold,
    said,
)


@pytest.mark.parametrize("dentist_id", [ANNA, BEN])
def test_a_dentist_books_into_the_own_diary_and_the_front_desk_into_any(dentist_id: uuid.UUID) -> None:
    """A colleague's diary is the colleague's."""
    for desk in (RECEPTIONIST, ADMIN):
        assert book(a_diary(), desk, dentist_id=dentist_id).effect == "made"
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


@pytest.mark.parametrize("actor", [DENTIST_ANNA, RECEPTIONIST, ADMIN])
def test_staff_book_for_a_patient_who_is_barred(actor: Actor) -> None:
    """Who is barred cannot, not even for a hold; staff who once were a patient themselves are not meant."""
    diary = a_diary()
    diary.barred = frozenset({MIA})
    with pytest.raises(errors.BookingBarred):
        book(diary, PATIENT_MIA)
    with pytest.raises(errors.BookingBarred):
        hold(diary, PATIENT_MIA)
    assert hold(diary, replace(actor, patient_id=MIA)).effect == "made"
    assert book(diary, replace(actor, patient_id=MIA), starts_at=TUESDAY_NINE + HOUR).effect == "made"
    assert book(a_diary(), PATIENT_MIA).effect == "made"


@pytest.mark.parametrize("actor", [DENTIST_ANNA, RECEPTIONIST, ADMIN])
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
    assert said(decision) == {
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
    assert said(delete(diary, appointment)) == {"status": "entered-in-error"}
    for somebody in (actor, ADMIN):
        with pytest.raises(errors.NotFound):
            change(diary, appointment, somebody, reason="x")
    with pytest.raises(errors.NotFound):
        delete(diary, appointment)


@pytest.mark.parametrize("status", sorted(STATUSES - {"entered-in-error"}))
def test_only_what_is_pending_or_booked_can_be_moved_or_cancelled(status: str) -> None:
    """What is over or was cancelled stays as it is; of what is running staff change the end; all can be struck out."""
    for actor in (PATIENT_MIA, DENTIST_ANNA, ADMIN):
        is_open = status in ("pending", "booked")
        attempts: list[tuple[bool, Callable[[Diary, Appointment], object]]] = [
            (is_open, lambda diary, a, actor=actor: change(diary, a, actor, starts_at=a.time.start + HOUR)),
            (
                is_open or (status in RUNNING and actor.is_staff),
                # How long it takes is not a patient's to say.
                lambda diary, a, actor=actor: change(
                    diary, a, actor, **({"ends_at": a.time.start + HOUR} if actor.is_staff else {"reason": "x"})
                ),
            ),
            (
                is_open or (status == "arrived" and actor.is_staff),
                lambda diary, a, actor=actor: cancel(diary, a, actor),
            ),
        ]
        for is_allowed, attempt in attempts:
            diary = a_diary()
            appointment = entered(diary, status=status)
            if is_allowed:
                attempt(diary, appointment)
                assert diary.appointments[appointment.id].version == 2
                continue
            with pytest.raises(errors.IllegalTransition):
                attempt(diary, appointment)
            assert said(delete(diary, appointment)) == {"status": "entered-in-error"}


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
