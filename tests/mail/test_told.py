"""What the practice decides about somebody's appointment is told by mail, in the transaction that decides it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from tests import plain_sql
from tests.api.hours import HALF_HOUR, MONDAY, SignIn, a_check_up, a_range
from tests.conftest import Caller, Practice
from tests.mail.conftest import SendDue
from tests.mail_server import MailServer

# In no mail, in whatever part.
SECRET_TREATMENT, SECRET_REASON, SECRET_NOTE = "Check-up", "bleeding-gums", "overdue-invoice"


@pytest.fixture
def desk(sign_in: SignIn) -> Caller:
    """Who books for patients."""
    return sign_in("desk")


def book(caller: Caller, practice: Practice, **wish: Any) -> str:
    """A check-up of Mia's with the first dentist on Monday; gives its id."""
    wish.setdefault("patientId", str(practice.patients[0]))
    answer = caller.post("/appointments", a_check_up(practice, **wish))
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def made(owner: Session) -> list[tuple[str, str]]:
    """Kind and address of what waits, in order, and then nothing does."""
    rows = owner.execute(text("SELECT kind, recipient FROM mails ORDER BY created_at, recipient")).all()
    owner.execute(text("DELETE FROM mails"))
    owner.commit()
    return [(row.kind, row.recipient) for row in rows]


def add_patient(desk: Caller, **facts: str) -> str:
    """A record without an account."""
    answer = desk.post("/patients", {"name": "Tim Schmidt", **facts})
    assert answer.status_code == 201
    return str(answer.json["id"])


def test_what_the_practice_does_to_an_appointment_is_told_once(
    desk: Caller, sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """Booked, moved, handed over, cancelled, taken back, struck out; nothing is told that changes no time."""
    mine = "patient1@demo.test"
    id_ = book(desk, practice)
    assert made(owner) == [("booked", mine)]
    desk.patch(f"/appointments/{id_}", {"reason": "pain"})
    desk.post(f"/appointments/{id_}/confirm")
    assert made(owner) == []
    desk.patch(f"/appointments/{id_}", {"startsAt": format_instant(MONDAY + HALF_HOUR)})
    assert made(owner) == [("moved", mine)]
    desk.post(f"/appointments/{id_}/undo")
    assert made(owner) == [("moved", mine)]
    day = {"from": a_range()["startsAt"], "until": a_range()["endsAt"]}
    handed = sign_in("dentist1").post(
        f"/dentists/{practice.dentists[0]}/hand-over", {"to": str(practice.dentists[1]), **day}
    )
    assert handed.json["moved"] == [id_]
    assert made(owner) == [("handed-over", mine)]
    desk.post(f"/appointments/{id_}/cancel", {"reason": "ill"})
    assert made(owner) == [("cancelled", mine)]
    desk.post(f"/appointments/{id_}/undo")
    assert made(owner) == [("booked", mine)]
    desk.delete(f"/appointments/{id_}")
    assert made(owner) == [("cancelled", mine)]


def test_what_patients_do_themselves_makes_no_mail(sign_in: SignIn, practice: Practice, owner: Session) -> None:
    """They were answered; what the practice approves of it is told."""
    owner.execute(text("UPDATE treatments SET requires_approval = true"))
    owner.commit()
    patient = sign_in("patient1")
    id_ = patient.post("/appointments", a_check_up(practice)).json["id"]
    patient.patch(f"/appointments/{id_}", {"startsAt": format_instant(MONDAY + HALF_HOUR)})
    assert made(owner) == []
    sign_in("dentist1").post(f"/appointments/{id_}/approve")
    assert made(owner) == [("approved", "patient1@demo.test")]
    patient.post(f"/appointments/{id_}/cancel")
    assert made(owner) == []


def test_a_series_is_told_appointment_by_appointment(desk: Caller, practice: Practice, owner: Session) -> None:
    """Each has a place of its own in a calendar."""
    body = a_check_up(practice, patientId=str(practice.patients[0]), every={"unit": "week", "n": 1}, count=3)
    series = desk.post("/appointments/series", body).json
    first = series["appointments"][0]["id"]
    assert made(owner) == [("booked", "patient1@demo.test")] * 3
    desk.post(f"/appointments/{first}/cancel", {"scope": "following"})
    assert made(owner) == [("cancelled", "patient1@demo.test")] * 3


def test_who_has_no_account_is_told_by_the_guardians_or_else_by_the_address_in_the_record(
    desk: Caller, sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """And who has neither, by nobody."""
    child = add_patient(desk, email="tim@demo.test")
    book(desk, practice, patientId=child)
    assert made(owner) == [("booked", "tim@demo.test")]
    for name in ("patient1", "patient2"):
        granted = desk.post(f"/patients/{child}/guardians", {"userId": sign_in(name).user["id"]})
        assert granted.status_code == 201
    book(desk, practice, patientId=child, starts_at=MONDAY + HALF_HOUR)
    assert made(owner) == [("booked", "patient1@demo.test"), ("booked", "patient2@demo.test")]
    owner.execute(text("UPDATE users SET active = false WHERE email = 'patient2@demo.test'"))
    owner.commit()
    book(desk, practice, patientId=child, starts_at=MONDAY + 2 * HALF_HOUR)
    assert made(owner) == [("booked", "patient1@demo.test")]
    book(desk, practice, patientId=add_patient(desk), starts_at=MONDAY + 3 * HALF_HOUR)
    assert made(owner) == []


def test_plain_sql_and_what_is_past_make_no_mail(
    desk: Caller, practice: Practice, owner: Session, run_lane: Any
) -> None:
    """Nobody has said that it is to be told, or nobody needs to be."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY)
    past = plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY - timedelta(weeks=20))
    owner.commit()
    run_lane()
    assert desk.post(f"/appointments/{past}/cancel").status_code == 200
    assert made(owner) == []


def test_what_is_refused_makes_no_mail(desk: Caller, practice: Practice, owner: Session) -> None:
    """Nothing has happened."""
    book(desk, practice)
    made(owner)
    taken = desk.post("/appointments", a_check_up(practice, patientId=str(practice.patients[1])))
    assert taken.status_code == 409
    assert made(owner) == []


def test_a_mail_says_when_and_with_whom_and_never_what_for(
    desk: Caller, practice: Practice, owner: Session, mail_server: MailServer, send_due: SendDue
) -> None:
    """In the patient's language and the practice's zone; its calendar takes the change, and the end."""
    owner.execute(
        text("INSERT INTO patient_remarks (patient_id, remark, updated_by) SELECT :id, :remark, id FROM users LIMIT 1"),
        {"id": practice.patients[0], "remark": SECRET_NOTE},
    )
    owner.execute(text("UPDATE users SET language = 'en' WHERE email = 'patient1@demo.test'"))
    owner.commit()
    id_ = book(desk, practice, reason=SECRET_REASON)
    send_due()
    desk.patch(f"/appointments/{id_}", {"startsAt": format_instant(MONDAY + HALF_HOUR), "reason": SECRET_REASON})
    send_due()
    owner.execute(text("UPDATE users SET language = NULL WHERE email = 'patient1@demo.test'"))
    owner.commit()
    desk.post(f"/appointments/{id_}/cancel", {"reason": SECRET_REASON})
    send_due()
    assert len(mail_server.taken) == 3
    events = []
    for mail in mail_server.taken:
        parts = [str(mail["Subject"]), *(part.get_content() for part in mail.walk() if not part.is_multipart())]
        for secret in (SECRET_TREATMENT, SECRET_REASON, SECRET_NOTE, str(practice.treatments["Check-up"])):
            assert all(secret not in part for part in parts)
        assert ["Dr. Anna Keller" in part for part in parts[1:]] == [True, True, False]
        [attached] = mail.iter_attachments()
        assert attached.get_content_type() == "text/calendar"
        calendar = Calendar.from_ical(attached.get_content())
        assert attached.get_param("method") == calendar["METHOD"]
        events.append((calendar["METHOD"], calendar.events[0]))
    booked, moved, cancelled = (mail.get_body(("plain",)).get_content() for mail in mail_server.taken)  # type: ignore[union-attr]
    assert "09:00 to 09:30" in booked
    assert "09:30 to 10:00" in moved
    assert f"Before: {MONDAY:%A}, {MONDAY.day} {MONDAY:%B %Y}, 09:00, with Dr. Anna Keller" in moved
    assert "wir mussten diesen Termin absagen" in cancelled
    assert [method for method, _ in events] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert {event["UID"] for _, event in events} == {f"{id_}@dental-sync"}
    sequences = [event["SEQUENCE"] for _, event in events]
    assert sequences == sorted(set(sequences))
    assert [event.start for _, event in events] == [MONDAY, MONDAY + HALF_HOUR, MONDAY + HALF_HOUR]
    assert [event["STATUS"] for _, event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def test_a_patients_language_is_the_practices_until_it_is_known(
    desk: Caller, practice: Practice, owner: Session
) -> None:
    """The record's, for who has no account; null forgets it."""
    stranger = add_patient(desk, email="tim@demo.test", language="en")
    assert desk.get(f"/patients/{stranger}").json["language"] == "en"
    book(desk, practice, patientId=stranger)
    assert "language" not in desk.patch(f"/patients/{stranger}", {"language": None}).json
    book(desk, practice, patientId=stranger, starts_at=MONDAY + HALF_HOUR)
    assert owner.scalars(text("SELECT language FROM mails ORDER BY created_at")).all() == ["en", "de"]
    assert desk.patch(f"/patients/{stranger}", {"language": "fr"}).status_code == 422
