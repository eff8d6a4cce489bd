"""The practice that is asked about, with a record of its own for each question, and the accounts that ask."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.diary.transitions import MOVES
from tests import plain_sql
from tests.conftest import Caller, a_free_monday

HALF_HOUR = timedelta(minutes=30)

# What is asked about belongs to patient1 and dentist1, and is assisted by the first assistant.
WHO = {
    "its patient": "patient1",
    "another patient": "patient2",
    "its dentist": "dentist1",
    "another dentist": "dentist2",
    "receptionist": "desk",
    "admin": "admin",
    "chatbot": "chatbot",
    "nobody": None,
}
# The demo has none: they are made for the table.
ASSISTANTS = {"its assistant": "Emil Arndt", "another assistant": "Cora Adler"}
# Whose guardianship of the patient is made for the table.
GUARDIANS = {"its guardian": "patient3"}
# Whoever has no account, but a token.
VISITORS = ("a visitor",)
EVERYBODY = [*WHO, *ASSISTANTS, *GUARDIANS, *VISITORS]


@dataclass
class World:
    """One practice for the whole table: each question gets a record of its own, at a time of its own."""

    session: Session
    callers: dict[str, Caller]
    patient: uuid.UUID
    dentist: uuid.UUID
    assistant: uuid.UUID
    treatment: uuid.UUID
    web_url: str
    write: str = ""
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def a_time(self) -> datetime:
        """A bookable time that nobody has asked for yet."""
        day, slot = divmod(next(self._numbers), 8)
        week, weekday = divmod(day, 5)
        return a_free_monday(weeks=5 + week, hour=8) + timedelta(days=weekday) + slot * HALF_HOUR

    def an_appointment(self, move: str = "reschedule") -> str:
        """One from which the move is possible."""
        at = self.a_time()
        if MOVES[move].when == "after the start":
            at -= timedelta(weeks=52)
        if MOVES[move].when == "on the day":
            # The patient has no other one today.
            self.session.execute(text("DELETE FROM appointments WHERE starts_at < now() + interval '1 day'"))
            at = datetime.now(UTC).replace(second=0, microsecond=0) + HALF_HOUR
        status = max(MOVES[move].sources & {"pending", "booked", "noshow", "arrived"})
        found = plain_sql.book(
            self.session,
            self.patient,
            self.dentist,
            at,
            treatment_id=self.treatment,
            assistant_id=self.assistant,
            status=status,
        )
        self.session.commit()
        return str(found)

    def an_appointment_just_confirmed(self) -> str:
        """One whose last move its patient may take back, as far as the rules let anybody."""
        found = self.an_appointment()
        self.session.execute(
            text(
                "UPDATE appointments SET confirmation = 'confirmed', last_move = jsonb_build_object('name', 'confirm',"
                " 'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
                " 'by', CAST(:by AS text),"
                " 'before', jsonb_build_object('confirmation', 'unconfirmed'), 'hasGrace', true) WHERE id = :id"
            ),
            {"by": self.callers["its patient"].user["id"], "id": found},
        )
        self.session.commit()
        return found

    def a_hold(self) -> str:
        """Held by the patient."""
        self.session.execute(text("DELETE FROM holds"))
        found = self.session.scalar(
            text(
                "INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)"
                " VALUES (:user, :dentist, :at, :to, clock_timestamp() + interval '5 minutes') RETURNING id"
            ),
            {
                "user": self.callers["its patient"].user["id"],
                "dentist": self.dentist,
                "at": (at := self.a_time()),
                "to": at + HALF_HOUR,
            },
        )
        self.session.commit()
        return str(found)

    def a_guardian(self) -> str:
        """The account of another guardian of the patient."""
        found = self.session.scalar(text("SELECT user_id FROM patients WHERE name = 'Emma Fischer'"))
        self.make_guardian(found)
        return str(found)

    def a_caller(self) -> str:
        """A patient's record without an account, and without anything else."""
        found = self.session.scalar(text("INSERT INTO patients (name) VALUES ('Cara Caller') RETURNING id"))
        self.session.commit()
        return str(found)

    def a_merge(self) -> str:
        """Of two records, which can still be undone."""
        merge = "INSERT INTO patient_merges (source_id, target_id, appointments, guardians, filled)"
        records = {"source": self.a_caller(), "target": self.a_caller()}
        self.session.execute(text("UPDATE patients SET merged_into = :target WHERE id = :source"), records)
        found = self.session.scalar(
            text(f"{merge} VALUES (:source, :target, '{{}}', '{{}}', '{{}}') RETURNING id"), records
        )
        self.session.commit()
        return str(found)

    def make_guardian(self, account: uuid.UUID | str | None) -> None:
        """Let an account act for the patient."""
        assert account is not None
        self.session.execute(
            text(
                "INSERT INTO acting (user_id, patient_id, kind) VALUES (:account, :patient, 'guardian')"
                " ON CONFLICT DO NOTHING"
            ),
            {"account": account, "patient": self.patient},
        )
        self.session.commit()

    def a_patient(self) -> str:
        """One of whom nothing is known but the name."""
        found = self.session.scalar(text("INSERT INTO patients (name) VALUES ('Nora Neu') RETURNING id"))
        self.session.commit()
        return str(found)

    def an_absence(self, table: str) -> str:
        """Time off of the dentist, or a closure, years from now and for an hour."""
        at = a_free_monday(weeks=500) + next(self._numbers) * timedelta(hours=2)
        columns, values = ("dentist_id, ", ":dentist, ") if table == "time_off" else ("", "")
        found = self.session.scalar(
            text(f"INSERT INTO {table} ({columns}starts_at, ends_at) VALUES ({values}:at, :to) RETURNING id"),
            {"dentist": self.dentist, "at": at, "to": at + timedelta(hours=1)},
        )
        self.session.commit()
        return str(found)

    def a_record(self, table: str) -> str:
        """A treatment or a chair that nobody needs."""
        column, value = {"treatments": ("duration_minutes", "30"), "chairs": ("kind", "'unused'")}[table]
        found = self.session.scalar(text(f"INSERT INTO {table} (name, {column}) VALUES ('x', {value}) RETURNING id"))
        self.session.commit()
        return str(found)

    def a_chair_away(self) -> str:
        """The path of the time off of a chair."""
        chair = self.a_record("chairs")
        at = a_free_monday(weeks=500)
        found = self.session.scalar(
            text("INSERT INTO chair_time_off (chair_id, starts_at, ends_at) VALUES (:chair, :at, :to) RETURNING id"),
            {"chair": chair, "at": at, "to": at + timedelta(hours=1)},
        )
        self.session.commit()
        return f"/chairs/{chair}/time-off/{found}"

    def only_of_its_dentist(self) -> str:
        """The patient, who is in no other dentist's diary."""
        self.an_appointment()
        self.session.execute(
            text("DELETE FROM appointments WHERE patient_id = :patient AND dentist_id <> :dentist"),
            {"patient": self.patient, "dentist": self.dentist},
        )
        self.session.commit()
        return str(self.patient)

    def a_wish(self, **more: str) -> dict[str, str]:
        """A check-up with the dentist."""
        return {
            "dentistId": str(self.dentist),
            "startsAt": format_instant(self.a_time()),
            "treatmentId": str(self.treatment),
            **more,
        }

    def a_hand_over(self) -> dict[str, str]:
        """To the colleague, at a time in which the dentist has nobody."""
        at = a_free_monday(weeks=900)
        colleague = self.session.scalar(
            text("SELECT id FROM dentists WHERE id <> :dentist AND active LIMIT 1"), {"dentist": self.dentist}
        )
        return {"to": str(colleague), "from": format_instant(at), "until": format_instant(at + HALF_HOUR)}

    def a_range(self) -> dict[str, str]:
        """A time in which nobody is booked."""
        at = a_free_monday(weeks=900) + next(self._numbers) * timedelta(hours=2)
        return {"startsAt": format_instant(at), "endsAt": format_instant(at + timedelta(hours=1))}

    def working_hours(self) -> list[dict[str, Any]]:
        """The dentist's, as they are."""
        hours: list[dict[str, Any]] = self.callers["admin"].get(f"/dentists/{self.dentist}").json["workingHours"]
        return hours

    def a_write(self) -> str:
        """A write that the patient asked for."""
        if not self.write:
            answer = self.callers["its patient"].post("/holds", self.a_wish(), Prefer="respond-async")
            self.write = answer.json["id"]
        return self.write
