"""A practice in which every account has something of its own, for the tests of the guard."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor, OwnPatient
from dental_sync.core.roles import DENTIST, VISITOR
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.storage import row_security
from dental_sync.sync import log
from tests import plain_sql
from tests.conftest import a_free_monday


@dataclass(frozen=True)
class House:
    """A practice in which every guarded table has rows of several people, and the people."""

    urls: DatabaseUrls
    mia: Actor
    noah: Actor
    # Mia's guardian.
    lina: Actor
    anna: Actor
    ben: Actor
    # Who assists, Anna with Noah.
    emil: Actor
    desk: Actor
    admin: Actor
    chatbot: Actor
    # Who has no account.
    visitor: Actor
    # Of Mia and of Noah with Anna, of Mia with Ben; and one of Mia with Anna that was struck out.
    appointments: tuple[uuid.UUID, uuid.UUID, uuid.UUID, uuid.UUID]

    def rows(self, who: Actor | row_security.Identity, query: str, **values: Any) -> list[Any]:
        """What a query with the web role's rights gives this account; the first column."""
        with plain_sql.connect(self.urls.web, who) as session:
            return list(session.scalars(text(query), values))

    def log_rows(self) -> list[Any]:
        """The log as the owner sees it."""
        with plain_sql.connect(self.urls.owner) as owner:
            return list(owner.execute(text("SELECT * FROM sync_events ORDER BY position")))

    def count(self, who: Actor | row_security.Identity, table: str) -> int:
        """How many rows of a table somebody sees."""
        counted: int = self.rows(who, f"SELECT count(*) FROM {table}")[0]
        return counted


def furnished(owner: Session, urls: DatabaseUrls) -> House:
    """Put rows of several people into every guarded table of a demo practice."""
    owner.execute(
        text(
            "UPDATE dentists SET profession = 'assistant'"
            " WHERE user_id = (SELECT id FROM users WHERE email LIKE 'dentist3@%')"
        )
    )
    people = {
        row.email.split("@")[0]: Actor(
            row.id,
            row.role,
            row.name,
            row.email,
            row.patient_id,
            row.dentist_id,
            profession=row.profession or DENTIST,
        )
        for row in owner.execute(
            text("""SELECT u.*, p.id AS patient_id, d.id AS dentist_id, d.profession FROM users u
                LEFT JOIN patients p ON p.user_id = u.id LEFT JOIN dentists d ON d.user_id = u.id""")
        )
    }
    mia, noah, anna, ben, emil = (people[name] for name in ("patient1", "patient2", "dentist1", "dentist2", "dentist3"))
    owner.execute(text("DELETE FROM appointments"))
    lina = people["patient3"]
    assert mia.patient_id is not None
    owner.execute(
        text("INSERT INTO acting (user_id, patient_id, kind) VALUES (:guardian, :patient, 'guardian')"),
        {"guardian": lina.user_id, "patient": mia.patient_id},
    )
    lina = replace(lina, patients=(OwnPatient(mia.patient_id, mia.name, None),))
    monday = a_free_monday()

    def book(
        patient: Actor, dentist: Actor, weeks: int, status: str = "booked", assistant: Actor | None = None
    ) -> uuid.UUID:
        assert patient.patient_id is not None
        assert dentist.dentist_id is not None
        at = a_free_monday(weeks=weeks)
        assistant_id = None if assistant is None else assistant.dentist_id
        return plain_sql.book(
            owner, patient.patient_id, dentist.dentist_id, at, status=status, assistant_id=assistant_id
        )

    booked = (
        book(mia, anna, 5),
        book(noah, anna, 6, assistant=emil),
        book(mia, ben, 7),
        book(mia, anna, 8, "entered-in-error"),
    )
    log.publish(owner, wait=True)
    for appointment_id, author in zip(booked, (anna, anna, ben, anna), strict=True):
        owner.execute(
            text("INSERT INTO appointment_notes (appointment_id, notes, updated_by) VALUES (:id, 'caries', :by)"),
            {"id": appointment_id, "by": author.user_id},
        )
    for patient, author in ((mia, anna), (noah, people["desk"])):
        owner.execute(
            text("INSERT INTO patient_remarks (patient_id, remark, updated_by) VALUES (:id, 'afraid of needles', :by)"),
            {"id": patient.patient_id, "by": author.user_id},
        )
    owner.execute(
        text("INSERT INTO invitations (patient_id, kind, code_hash, expires_at) VALUES (:id, 'guardian', 'x', now())"),
        {"id": noah.patient_id},
    )
    owner.execute(text("INSERT INTO reminders (appointment_id, starts_at) SELECT id, starts_at FROM appointments"))
    owner.execute(
        text("""WITH gone AS (INSERT INTO patients (name, merged_into) VALUES ('Mia Smith', :mia) RETURNING id)
            INSERT INTO patient_merges (source_id, target_id, appointments, guardians, filled)
            SELECT id, :mia, '{}', '{}', '{}' FROM gone"""),
        {"mia": mia.patient_id},
    )
    owner.execute(
        text("INSERT INTO mails (kind, language, recipient, facts) VALUES ('booked', 'en', 'mia@demo.test', '{}')")
    )
    owner.execute(
        text("INSERT INTO account_codes (user_id, purpose, code_hash, expires_at) VALUES (:mia, 'reset', 'x', now())"),
        {"mia": mia.user_id},
    )
    owner.execute(text("INSERT INTO code_mails VALUES ('x', now(), 1)"))
    owner.execute(
        text("INSERT INTO second_factors (user_id, secret) VALUES (:anna, 'JBSWY3DPEHPK3PXP')"), {"anna": anna.user_id}
    )
    owner.execute(
        text("INSERT INTO calendar_feeds (user_id, secret_hash) VALUES (:mia, 'x'), (:anna, 'y')"),
        {"mia": mia.user_id, "anna": anna.user_id},
    )
    for person, weeks in ((mia, 9), (noah, 10)):
        owner.execute(
            text("""INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)
                VALUES (:user, :dentist, :at, CAST(:at AS timestamptz) + interval '1 hour', now())"""),
            {"user": person.user_id, "dentist": ben.dentist_id, "at": a_free_monday(weeks=weeks)},
        )
    for dentist in (anna, ben):
        owner.execute(
            text("""INSERT INTO time_off (dentist_id, starts_at, ends_at, reason)
                VALUES (:dentist, :at, CAST(:at AS timestamptz) + interval '1 day', 'surgery')"""),
            {"dentist": dentist.dentist_id, "at": monday},
        )
    owner.execute(
        text("""WITH chair AS (INSERT INTO chairs (name, kind) VALUES ('1', 'surgery') RETURNING id)
            INSERT INTO chair_time_off (chair_id, starts_at, ends_at, reason)
            SELECT id, :at, CAST(:at AS timestamptz) + interval '1 day', 'repair' FROM chair"""),
        {"at": monday},
    )
    for person in (mia, anna):
        owner.execute(
            text("""INSERT INTO write_requests (id, sender_id, action, body, method, path, body_hash)
                VALUES (gen_random_uuid(), :sender, 'book', '{}', 'POST', '/api/appointments', '')"""),
            {"sender": person.user_id},
        )
        owner.execute(
            text("""INSERT INTO kept_answers (sender_id, method, path, idempotency_key, body_hash, answer)
                VALUES (:sender, 'POST', '/api/patients', 'key', '', '{"status": 201}')"""),
            {"sender": person.user_id},
        )
    owner.commit()
    visitor = Actor(uuid.uuid4(), VISITOR, "", "")
    return House(
        urls, mia, noah, lina, anna, ben, emil, people["desk"], people["admin"], people["chatbot"], visitor, booked
    )
