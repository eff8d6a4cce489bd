"""Every kind of change that what the diary shows may depend on, as plain SQL, with what it is about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests import plain_sql
from tests.api.free import DAY, HOUR, MONDAY
from tests.conftest import Practice

_HOLD = """
    INSERT INTO holds (
        user_id, dentist_id, treatment_id, chair_id, assistant_id, starts_at, ends_at, expires_at, layers)
    SELECT user_id, :d1, :check_up, :chair2, :assistant, :monday + interval '2 hours', :monday + interval '150 minutes',
        clock_timestamp() + :good_for, CAST(:layers AS int4range) FROM patients WHERE id = :p1
"""

# In an order in which each has something to change. Rows that one makes may be changed by a later one.
CHANGES: dict[str, str] = {
    "a patient is renamed": "UPDATE patients SET name = name || ' Meier' WHERE id = :p0",
    "a dentist is renamed": "UPDATE dentists SET name = name || ' Meier' WHERE id = :d0",
    "an assistant is renamed": "UPDATE dentists SET name = name || ' Meier' WHERE id = :assistant",
    "an appointment's reason is another": "UPDATE appointments SET reason = 'It hurts more' WHERE id = :first",
    "an appointment is in another chair": "UPDATE appointments SET chair_id = :chair2 WHERE id = :first",
    "an appointment is moved": (
        "UPDATE appointments SET starts_at = starts_at + interval '4 hours', ends_at = ends_at + interval '4 hours'"
        " WHERE id = :first"
    ),
    "an appointment is another dentist's": "UPDATE appointments SET dentist_id = :d2 WHERE id = :second",
    "an appointment is another patient's": "UPDATE appointments SET patient_id = :p2 WHERE id = :second",
    "an appointment is cancelled": "UPDATE appointments SET status = 'cancelled' WHERE id = :second",
    "an appointment was entered in error": "UPDATE appointments SET status = 'entered-in-error' WHERE id = :second",
    "an appointment is booked": (
        "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at, status) VALUES"
        " (:p0, :d0, :monday + interval '7 hours', :monday + interval '8 hours', 'booked')"
    ),
    "an appointment is deleted": "DELETE FROM appointments WHERE dentist_id = :d0 AND id NOT IN (:first, :second)",
    "a time is held": _HOLD,
    "a hold is kept for longer": "UPDATE holds SET expires_at = expires_at + interval '1 hour' WHERE dentist_id = :d1",
    "a hold is in another chair": "UPDATE holds SET chair_id = :chair1 WHERE dentist_id = :d1",
    "a hold has expired": "UPDATE holds SET expires_at = clock_timestamp() - interval '1 hour' WHERE dentist_id = :d1",
    "an expired hold is swept": "DELETE FROM holds WHERE dentist_id = :d1",
    "an emergency is put in": (
        "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at, status, forced, layers) VALUES"
        " (:p2, :d1, :monday + interval '2 hours', :monday + interval '3 hours', 'booked', true, 'empty')"
    ),
    "a time beside it is held": _HOLD.replace(":layers", "'[5,5]'"),
    "a hold beside it is given back": "DELETE FROM holds WHERE dentist_id = :d1",
    "who assists is away": (
        "INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES"
        " (:assistant, :monday, :monday + interval '90 minutes')"
    ),
    "a dentist is away": (
        "INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES (:d0, :monday, :monday + interval '2 hours')"
    ),
    "a dentist is away for longer": "UPDATE time_off SET ends_at = ends_at + interval '1 hour' WHERE dentist_id = :d0",
    "a dentist is back": "DELETE FROM time_off WHERE dentist_id = :d0",
    "the practice is closed": (
        "INSERT INTO closures (starts_at, ends_at) VALUES (:monday + interval '1 day', :monday + interval '30 hours')"
    ),
    "the practice is open again": "DELETE FROM closures",
    "a chair is away": (
        "INSERT INTO chair_time_off (chair_id, starts_at, ends_at) VALUES"
        " (:chair1, :monday + interval '2 hours', :monday + interval '8 hours')"
    ),
    "a chair is back": "DELETE FROM chair_time_off",
    "a chair is in use no more": "UPDATE chairs SET active = false WHERE id = :chair2",
    "a chair is bought": "INSERT INTO chairs (name, kind) VALUES ('Three', 'surgery')",
    "hours begin later": (
        "UPDATE working_hours SET starts = '08:40' WHERE dentist_id = :d0 AND iso_weekday = 1 AND starts = '08:00'"
    ),
    "hours end": "DELETE FROM working_hours WHERE dentist_id = :d0 AND iso_weekday = 2",
    "hours are added": (
        "INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends) VALUES (:d0, 2, '06:00', '07:30')"
    ),
    "a dentist takes longer": (
        "UPDATE dentists SET offers = jsonb_build_object(CAST(:check_up AS text), 45) WHERE id = :d1"
    ),
    "a dentist is in another zone": (
        "UPDATE dentists SET time_zone = 'Europe/London', follows_practice = false WHERE id = :d1"
    ),
    "a dentist takes no bookings": "UPDATE dentists SET active = false WHERE id = :d2",
    "a dentist begins": "UPDATE dentists SET active = true WHERE id = :d2",
    "a treatment takes longer": "UPDATE treatments SET duration_minutes = 40 WHERE id = :check_up",
    "a treatment has a buffer": "UPDATE treatments SET buffer_after_minutes = 15 WHERE id = :check_up",
    "a treatment has its own grid": "UPDATE treatments SET slot_step_minutes = 25 WHERE id = :check_up",
    "a treatment needs notice": "UPDATE treatments SET minimum_notice_minutes = 60 * 24 * 38 WHERE id = :check_up",
    "a treatment needs less notice": "UPDATE treatments SET minimum_notice_minutes = NULL WHERE id = :check_up",
    "a treatment has a horizon": "UPDATE treatments SET furthest_advance_days = 30 WHERE id = :check_up",
    "a treatment has none": "UPDATE treatments SET furthest_advance_days = NULL WHERE id = :check_up",
    "a treatment needs nobody beside": "UPDATE treatments SET needs_assistant = false WHERE id = :check_up",
    "a treatment needs no chair": "UPDATE treatments SET chair_kind = NULL WHERE id = :check_up",
    "a treatment is not for everybody": "UPDATE treatments SET public = false WHERE id = :check_up",
    "a treatment is for everybody": "UPDATE treatments SET public = true WHERE id = :check_up",
    "a treatment is offered no more": "UPDATE treatments SET active = false WHERE id = :check_up",
    "a treatment is offered again": "UPDATE treatments SET active = true WHERE id = :check_up",
    "the practice has another grid": "UPDATE practice SET slot_step_minutes = 10",
    "the practice needs notice": "UPDATE practice SET minimum_notice_minutes = 60 * 24 * 38",
    "the practice needs less notice": "UPDATE practice SET minimum_notice_minutes = 0",
    "the practice has a horizon": "UPDATE practice SET furthest_advance_days = 30",
    "the practice looks further ahead": "UPDATE practice SET furthest_advance_days = 400",
    "the practice moves to another zone": "UPDATE practice SET time_zone = 'Europe/London'",
    "a guardian is granted": (
        "INSERT INTO acting (user_id, patient_id, kind) SELECT user_id, :p0, 'guardian' FROM patients WHERE id = :p1"
    ),
    "a guardian ends": "DELETE FROM acting WHERE kind = 'guardian'",
    "a record is merged": "UPDATE patients SET merged_into = :p0 WHERE id = :entered",
    "a record is parted": "UPDATE patients SET merged_into = NULL WHERE id = :entered",
    "an account has another record": "UPDATE patients SET user_id = NULL WHERE id = :p0",
    "everything is forgotten": "TRUNCATE appointments CASCADE",
}


@dataclass
class ChangingPractice:
    """A practice in which a check-up needs a chair and an assistant, with two appointments; and what changes it."""

    owner: Session
    practice: Practice
    assistant: uuid.UUID
    values: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        owner, practice = self.owner, self.practice
        made = "INSERT INTO chairs (name, kind) VALUES (:name, 'surgery') RETURNING id"
        chairs = [owner.scalar(text(made), {"name": name}) for name in ("One", "Two")]
        entered = owner.scalar(text("INSERT INTO patients (name) VALUES ('Mia Schmidt') RETURNING id"))
        check_up = practice.treatments["Check-up"]
        owner.execute(
            text(
                "UPDATE treatments SET chair_kind = 'surgery', needs_assistant = true, buffer_before_minutes = 5"
                " WHERE id = :id"
            ),
            {"id": check_up},
        )
        first, second = (
            plain_sql.book(
                owner,
                practice.patients[number],
                practice.dentists[number],
                MONDAY + (number + 1) * HOUR,
                treatment_id=check_up,
                chair_id=chairs[0],
                assistant_id=self.assistant,
            )
            for number in (0, 1)
        )
        self.values = {
            **{f"p{number}": practice.patients[number] for number in range(3)},
            **{f"d{number}": practice.dentists[number] for number in range(3)},
            "chair1": chairs[0],
            "chair2": chairs[1],
            "assistant": self.assistant,
            "check_up": check_up,
            "first": first,
            "second": second,
            "entered": entered,
            "monday": MONDAY,
            "good_for": timedelta(minutes=5),
            "layers": "(,)",
        }
        owner.commit()

    def change(self, name: str) -> None:
        """Make one of the changes, and commit it; it is still to be published."""
        statement = CHANGES[name]
        values = {key: value for key, value in self.values.items() if f":{key}" in statement}
        changed = self.owner.execute(text(statement), values)
        assert changed.rowcount != 0, f"nothing was changed: {name}"
        self.owner.commit()

    def asked(self, start: datetime = MONDAY - 2 * HOUR, length: timedelta = 8 * DAY, **more: Any) -> str:
        """The query for when a check-up is free."""
        query = {
            "from": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "to": f"{start + length:%Y-%m-%dT%H:%M:%SZ}",
            "treatmentId": self.values["check_up"],
            **more,
        }
        return "&".join(f"{name}={value}" for name, value in query.items())
