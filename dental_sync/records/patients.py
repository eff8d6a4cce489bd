"""Patients: who is treated, and which of them an account may see.

A patient's account, where there is one, has the same name: triggers rename the account and every
appointment too. The e-mail address and the phone here are how the practice reaches them; what an account signs in
with is the account's address, and stays as it is.

Staff see more of a patient than the patient does: what they remarked (`remarks`), and how often the patient did not
come. A page takes one query for each of both.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, ColumnElement, Text, cast, exists, false, func, or_, select
from sqlalchemy import true as everybody
from sqlalchemy.orm import Session

from dental_sync.core import errors, phone_numbers
from dental_sync.core.actor import Actor
from dental_sync.core.ids import new_id
from dental_sync.records import erased, remarks
from dental_sync.storage import keyset, locks, one_row
from dental_sync.storage.models import Appointment, Practice
from dental_sync.storage.people_models import Patient

# What a dentist too may write, about patients in the own diary.
OF_ALL_STAFF = frozenset({"remark", "online_booking_barred"})


MOST_DUPLICATES = 50


@dataclass(frozen=True, slots=True)
class PatientView:
    """A patient as an account sees them; the last two are None for whoever is not staff."""

    id: uuid.UUID
    name: str
    phone: str | None
    email: str | None
    birth_date: date | None
    online_booking_barred: bool
    language: str | None
    remark: str | None
    no_shows: int | None


_BY_NAME = keyset.Keyset(keyset.by_text(Patient.folded_name), keyset.by_id(Patient.id))


def page(
    session: Session, actor: Actor, *, q: str | None, birth_date: date | None, after: str | None, limit: int
) -> keyset.Page[PatientView]:
    """The patients whom the actor may see, who fit `q` and were born on that day, by name; not who was erased.

    Raises ValidationFailed for another list's cursor.
    """
    # The search and the cursor hold what somebody typed, and names.
    locks.table_to_search(session, Patient)
    listed = select(Patient).where(_visible_to(actor), Patient.erased_at.is_(None))
    query = _BY_NAME.select(listed, after=after, limit=limit)
    if birth_date is not None:
        query = query.where(Patient.birth_date == birth_date)
    if q:
        query = query.where(_fits(session, actor, q))
    found = _BY_NAME.page(session.scalars(query), limit=limit)
    return keyset.Page(_views(session, actor, found.rows), found.next)


def get(session: Session, actor: Actor, patient_id: uuid.UUID) -> PatientView:
    """One patient; raises NotFound for those whom the actor may not see."""
    return _view(session, actor, _visible(session, actor, patient_id))


def duplicates(session: Session, actor: Actor, patient_id: uuid.UUID) -> list[PatientView]:
    """Who may be the same person, by name: as far as the actor may see them, 50 at most; raises NotFound as `get`.

    The same words in the name, in whatever order, and no other day of birth; or the same day of birth, and the same
    phone number or e-mail address, for a name may have changed. Families share numbers and names, so a person decides.
    """
    one = _visible(session, actor, patient_id)
    country = session.scalars(select(Practice.country)).one()
    phones = [] if one.phone is None else phone_numbers.same_number(one.phone, country)
    # What is compared are names and numbers.
    locks.table_to_search(session, Patient)
    alike = select(func.duplicates_of(one.id, cast(phones, ARRAY(Text))))
    query = select(Patient).where(_visible_to(actor), Patient.id.in_(alike), Patient.erased_at.is_(None))
    found = session.scalars(query.order_by(Patient.folded_name, Patient.id).limit(MOST_DUPLICATES))
    return _views(session, actor, found.all())


def add(session: Session, actor: Actor, values: Mapping[str, Any], *, now: datetime) -> PatientView:
    """Enter a new patient, without an account; raises ValidationFailed for a birth date in the future."""
    _check_birth(session, values, now)
    locks.tables_to_write(session, Patient)
    patient = Patient(id=new_id(), **{name: value for name, value in values.items() if name != "remark"})
    session.add(patient)
    session.flush()
    if values.get("remark") is not None:
        remarks.write(session, actor, patient.id, values["remark"])
    return _view(session, actor, patient)


def change(
    session: Session, actor: Actor, patient_id: uuid.UUID, values: Mapping[str, Any], *, now: datetime
) -> PatientView:
    """Change what is known about a patient; a new name is the account's too.

    Raises Forbidden to a dentist for more than a remark and the bar, NotFound for patients whom the actor may not see,
    PatientErased, and ValidationFailed for a birth date in the future.
    """
    if not actor.sees_everything and not values.keys() <= OF_ALL_STAFF:
        raise errors.Forbidden("A dentist changes the remark about a patient, and whether they may book online.")
    _check_birth(session, values, now)
    _visible(session, actor, patient_id)
    if "name" in values:
        locks.what_a_name_reaches(session, patient=patient_id)
    erased.check(session, patient=patient_id)
    if "name" in values:
        session.execute(select(func.rename_account_of(patient_id, values["name"])))
    known = {name: value for name, value in values.items() if name not in OF_ALL_STAFF}
    if known:
        one_row.change(session, Patient, patient_id, known)
    if "online_booking_barred" in values:
        session.execute(select(func.bar_online_booking(patient_id, values["online_booking_barred"])))
    if "remark" in values:
        remarks.write(session, actor, patient_id, values["remark"])
    return get(session, actor, patient_id)


def today(session: Session, now: datetime) -> date:
    """The practice's date: nobody is born after it."""
    return now.astimezone(ZoneInfo(session.scalars(select(Practice.time_zone)).one())).date()


def _views(session: Session, actor: Actor, patients: Sequence[Patient]) -> list[PatientView]:
    """Patients as the actor sees them; a dentist is told of what was missed in the own diary."""
    ids = [patient.id for patient in patients]
    remarked = remarks.of(session, ids) if actor.is_staff else {}
    missed = _no_shows(session, actor, ids) if actor.is_staff else None
    return [
        PatientView(
            id=patient.id,
            name=patient.name,
            phone=patient.phone,
            email=patient.email,
            birth_date=patient.birth_date,
            online_booking_barred=patient.online_booking_barred,
            language=patient.language,
            remark=remarked.get(patient.id),
            no_shows=None if missed is None else missed.get(patient.id, 0),
        )
        for patient in patients
    ]


def _view(session: Session, actor: Actor, patient: Patient) -> PatientView:
    return _views(session, actor, [patient])[0]


def _visible(session: Session, actor: Actor, patient_id: uuid.UUID) -> Patient:
    query = select(Patient).where(Patient.id == patient_id, _visible_to(actor))
    patient = session.scalar(query, execution_options={"populate_existing": True})
    if patient is None:
        raise errors.NotFound
    return patient


def _no_shows(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many appointments each of these patients missed; those without any are not in it."""
    query = select(Appointment.patient_id, func.count()).where(
        Appointment.patient_id.in_(ids), Appointment.status == "noshow"
    )
    if actor.own_dentist_id is not None:
        query = query.where(Appointment.dentist_id == actor.own_dentist_id)
    return dict(session.execute(query.group_by(Appointment.patient_id)).all())


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """The front desk sees everybody, a dentist those who are or were in the own diary, a patient those they act for."""
    if actor.sees_everything:
        return everybody()
    if actor.own_dentist_id is not None:
        return exists().where(
            Appointment.patient_id == Patient.id,
            Appointment.dentist_id == actor.own_dentist_id,
            Appointment.status != "entered-in-error",
        )
    return Patient.id.in_(actor.own_patient_ids) if actor.own_patient_ids else false()


def _fits(session: Session, actor: Actor, q: str) -> ColumnElement[bool]:
    """Each word is a part of the name or of the e-mail address, or it is the phone number, or a part of it."""
    digits = phone_numbers.digits(q)
    # 030 123 is +49 30 123 to a caller from abroad, and 0049 30 123 the same: the zeros in front say where from.
    part = digits.lstrip("0") or digits or None
    same = phone_numbers.same_number(q, session.scalars(select(Practice.country)).one())
    if actor.sees_everything:
        return Patient.id.in_(select(func.patients_found(q, part, cast(same, ARRAY(Text)))))
    # Of those few whom the actor may see at all, each is looked at.
    fits = [func.has_words(Patient.folded_words, q), Patient.phone_digits.in_(same)]
    return or_(*fits, Patient.phone_digits.contains(part)) if part else or_(*fits)


def _check_birth(session: Session, values: Mapping[str, Any], now: datetime) -> None:
    birth_date = values.get("birth_date")
    if birth_date is None:
        return
    if birth_date > today(session, now):
        wrong: errors.FieldError = {"pointer": "/birthDate", "detail": "must not lie in the future"}
        raise errors.ValidationFailed(errors=[wrong])
