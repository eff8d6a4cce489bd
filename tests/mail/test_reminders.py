"""Reminders: once for each appointment and time, whoever dies in between."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.writes import reminding
from tests.api.hours import DAY, HALF_HOUR, HOUR, SignIn
from tests.conftest import Practice
from tests.mail.reminding import LATER, SOON, Remind, book, stands
from tests.mail.test_told import add_patient, made


def test_a_patient_is_reminded_once_and_everybody_hears_of_it(
    owner: Session, practice: Practice, remind: Remind
) -> None:
    """By mail, with the appointment as it is from then on in the log."""
    id_ = book(owner, practice)
    told = remind()
    assert [(one["appointment"]["id"], one["appointment"]["confirmation"]) for one in told] == [(str(id_), "reminded")]
    assert stands(owner, id_) == ("booked", "reminded")
    assert made(owner) == [("reminder", "patient1@demo.test")]
    assert remind() == []
    assert made(owner) == []


def test_who_is_moved_is_reminded_of_the_new_time(owner: Session, practice: Practice, remind: Remind) -> None:
    """The other one is past."""
    id_ = book(owner, practice)
    remind()
    made(owner)
    owner.execute(text(f"UPDATE appointments SET {LATER}"))
    owner.commit()
    remind()
    assert made(owner) == [("reminder", "patient1@demo.test")]
    assert stands(owner, id_) == ("booked", "reminded")


@pytest.mark.parametrize(
    "facts",
    [
        {"starts_at": SOON + 5 * HOUR},
        {"starts_at": SOON - 21 * HOUR},
        {"status": "pending"},
        {"status": "cancelled"},
        # They have heard of it since it was time.
        {"ago": HOUR},
    ],
)
def test_others_are_not_reminded(owner: Session, practice: Practice, remind: Remind, facts: dict[str, Any]) -> None:
    """What is further away, has begun, is not certain, or was only just booked."""
    book(owner, practice, **facts)
    assert remind() == []
    assert made(owner) == []


def test_what_was_moved_only_just_is_known(owner: Session, practice: Practice, remind: Remind, sign_in: SignIn) -> None:
    """The mail about the move has just left."""
    id_ = book(owner, practice, SOON + 2 * DAY)
    to = {"startsAt": SOON.isoformat(), "force": True}
    assert sign_in("desk").patch(f"/appointments/{id_}", to).status_code == 200
    assert made(owner) == [("moved", "patient1@demo.test")]
    remind()
    assert made(owner) == []


def test_a_confirmed_appointment_stays_confirmed(owner: Session, practice: Practice, remind: Remind) -> None:
    """The reminder comes all the same, without the question."""
    id_ = book(owner, practice)
    owner.execute(text("UPDATE appointments SET confirmation = 'confirmed'"))
    owner.commit()
    remind()
    assert owner.scalar(text("SELECT facts -> 'confirmed' FROM mails")) is True
    assert stands(owner, id_) == ("booked", "confirmed")


def test_who_cannot_be_written_to_is_not_called_reminded(
    owner: Session, practice: Practice, remind: Remind, sign_in: SignIn
) -> None:
    """The desk sees whom to call."""
    stranger = uuid.UUID(add_patient(sign_in("desk"), phone="030 5550123"))
    id_ = book(owner, practice, patient=stranger)
    remind()
    assert made(owner) == []
    assert stands(owner, id_) == ("booked", "unconfirmed")


@pytest.mark.usefixtures("remind")
def test_reminders_are_made_in_bounded_passes(
    owner: Session, practice: Practice, worker_app: APIFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them once, and the lane has its turn in between."""
    monkeypatch.setattr(reminding, "REMINDED_AT_ONCE", 2)
    for number in range(3):
        book(owner, practice, SOON + number * HALF_HOUR)
    with worker_app.app_context():
        batches = [reminding.remind(db.session(), services.settings()) for _ in range(2)]
    assert [batch.more for batch in batches if batch] == [True, False]
    assert len(made(owner)) == 3


def test_a_process_that_dies_has_reminded_and_noted_it_or_neither(
    owner: Session, practice: Practice, worker_app: APIFlask, remind: Remind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction."""
    id_ = book(owner, practice)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, worker_app.app_context():
        patched.setattr(reminding.log, "publish", die)
        with pytest.raises(KeyboardInterrupt):
            reminding.remind(db.session(), services.settings())
        db.session.rollback()
    assert (made(owner), stands(owner, id_)) == ([], ("booked", "unconfirmed"))
    remind()
    assert (made(owner), stands(owner, id_)) == ([("reminder", "patient1@demo.test")], ("booked", "reminded"))


@pytest.mark.parametrize("off", [{"reminder_hours": 0}, {"mail_url": ""}])
def test_reminders_can_be_switched_off(
    owner: Session, practice: Practice, worker_app: APIFlask, remind: Remind, off: dict[str, Any]
) -> None:
    """And begin where they are switched on."""
    book(owner, practice)
    on = services.of(worker_app, Settings)
    services.provide(worker_app, dataclasses.replace(on, **off))
    assert remind() == []
    services.provide(worker_app, on)
    assert len(remind()) == 1
