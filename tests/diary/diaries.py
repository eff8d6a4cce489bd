"""A diary on paper, people who change it, and their requests written short, for the tests of the rules."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dental_sync.core.actor import Actor
from dental_sync.core.wire_types import Nothing
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Appointment, Decision, Dentist, Diary
from dental_sync.diary.shapes import Book, Cancel, HoldTime, Reschedule
from dental_sync.diary.visits import Treatment
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
RECEPTIONIST = Actor(A_USER, "receptionist", "Front desk", "desk@x.test")
ADMIN = Actor(A_USER, "admin", "Manager", "admin@x.test")
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


def said(decision: Decision) -> dict[str, Any]:
    """What is stored of the appointment, without the note of what it said before."""
    values = dict(decision.rows[-1].values)
    values.pop("last_move", None)
    return values


def hold(diary: Diary, actor: Actor = PATIENT_MIA, **wish: object) -> Decision:
    """Hold a check-up with Anna on Tuesday at nine, unless said otherwise."""
    asked = {"dentist_id": ANNA, "starts_at": TUESDAY_NINE, "treatment_id": CHECK_UP, **wish}
    return decide(diary, actor, "hold", None, a_wish(HoldTime, asked), if_match=None, received_at=MONDAY_NOON)


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
