"""Patients: the front desk keeps them, a dentist reads the own ones and remarks on them, a patient reads theirs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from dental_sync.api import openapi, pages
from dental_sync.api.merging import follows_merges
from dental_sync.api.requests import DESK, PEOPLE, STAFF, actor, token_auth
from dental_sync.core import errors
from dental_sync.core.extensions import db
from dental_sync.core.wire_types import Answer, Changes, Count, Date, Email, Id, Language, Line, Name, Text
from dental_sync.records import audit, patients
from dental_sync.records.new_patient import NewPatient

blueprint = APIBlueprint("patients", __name__, tag="Patients")


class Search(pages.Page):
    """Parts of a name, a phone number or an e-mail address."""

    q: Annotated[Line | None, Field(description="A part of the name, the e-mail address or the phone number.")] = None
    birth_date: Annotated[Date | None, Field(description="Those who were born on this day.")] = None


class PatientChanges(Changes):
    """What is to be different about a patient."""

    clearable: ClassVar[frozenset[str]] = frozenset({"phone", "email", "birth_date", "remark", "language"})

    name: Name | None = None
    phone: Line | None = None
    email: Email | None = None
    birth_date: Date | None = None
    remark: Text | None = None
    online_booking_barred: bool | None = None
    language: Language | None = None


class PatientAnswer(Answer):
    """A patient, and how to reach them; `remark` and `noShows` are for staff, and in no answer to a patient."""

    id: Id
    name: Annotated[str, Field(examples=["Mia Schmidt"])]
    phone: Annotated[str, Field(examples=["+49 30 123456"])] | None
    email: Annotated[str, Field(examples=["mia@example.test"])] | None
    birth_date: Date | None = None
    # Whether the practice takes no online bookings from them.
    online_booking_barred: bool
    # In which mails are written, where another than the practice's is wanted.
    language: Language | None = None
    remark: Annotated[str | None, Field(examples=["Afraid of needles."])] = None
    no_shows: Count | None = None


class DuplicatesAnswer(Answer):
    """The patients who may be the same person as another one, by name; 50 at most."""

    items: list[PatientAnswer]


@blueprint.get("/patients")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@blueprint.input(Search, location="query", arg_name="wanted")
@openapi.answers(pages.PageOf[PatientAnswer])
def list_patients(wanted: Search) -> Response:
    """List and search the patients that I may see, by name.

    `q` is looked for in names, e-mail addresses and, digits only, in phone numbers.
    """
    found = patients.page(db.session(), actor(), **wanted.model_dump())
    audit.note_read(db.session(), actor(), "list", "patient", [patient.id for patient in found.rows])
    return pages.respond([PatientAnswer.model_validate(patient).wire() for patient in found.rows], found.next)


@blueprint.post("/patients")
@blueprint.auth_required(token_auth, roles=DESK)
@blueprint.input(NewPatient, arg_name="wish")
@openapi.answers(PatientAnswer, 201, headers=["Location"])
def add_patient(wish: NewPatient) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Enter a patient without an account."""
    patient = patients.add(db.session(), actor(), wish.model_dump(exclude_unset=True), now=datetime.now(UTC))
    audit.note_and_commit(db.session(), actor(), "create", "patient", patient.id)
    return PatientAnswer.model_validate(patient).wire(), 201, {"Location": f"/api/patients/{patient.id}"}


@blueprint.get("/patients/<uuid:patient_id>")
@blueprint.auth_required(token_auth, roles=PEOPLE)
@openapi.answers(PatientAnswer)
@openapi.answers(None, 308, headers=["Location"])
@follows_merges
def get_patient(patient_id: uuid.UUID) -> dict[str, Any]:
    """One patient."""
    patient = patients.get(db.session(), actor(), patient_id)
    audit.note_read(db.session(), actor(), "read", "patient", patient_id)
    return PatientAnswer.model_validate(patient).wire()


@blueprint.get("/patients/<uuid:patient_id>/duplicates")
@blueprint.auth_required(token_auth, roles=STAFF)
@openapi.answers(DuplicatesAnswer)
@openapi.answers(None, 308, headers=["Location"])
@follows_merges
def list_duplicates(patient_id: uuid.UUID) -> dict[str, Any]:
    """Who may be the same person: entered by phone and by registering, for instance."""
    found = patients.duplicates(db.session(), actor(), patient_id)
    audit.note_read(db.session(), actor(), "list", "patient", [patient.id for patient in found])
    return DuplicatesAnswer.model_validate({"items": found}).wire()


@blueprint.patch("/patients/<uuid:patient_id>")
@blueprint.auth_required(token_auth, roles=STAFF)
@blueprint.input(PatientChanges, arg_name="wish")
@openapi.answers(PatientAnswer, refuses=[errors.Forbidden, errors.PatientErased])
@follows_merges
def change_patient(patient_id: uuid.UUID, wish: PatientChanges) -> dict[str, Any]:
    """Change what is known about a patient.

    A new name reaches the account and every appointment; the address to sign in with stays the account's. A dentist
    may change `remark` and `onlineBookingBarred` of patients in the own diary, and nothing else.
    """
    patient = patients.change(db.session(), actor(), patient_id, wish.values(), now=datetime.now(UTC))
    audit.note_and_commit(
        db.session(), actor(), "change", "patient", patient_id, details={"columns": sorted(wish.values())}
    )
    return PatientAnswer.model_validate(patient).wire()
