"""Patients: who is treated, and which of them an account may see.

A patient's account, where there is one, has the same name: triggers rename the account and every
appointment too. The e-mail address and the phone here are how the practice reaches them; what an account signs in
with is the account's address, and stays as it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, ColumnElement, Text, cast, exists, false, func, or_, select, update
from sqlalchemy import true as everybody
from sqlalchemy.orm import Session

from dental_sync.core import errors, phone_numbers
from dental_sync.core.actor import Actor
from dental_sync.core.ids import new_id
from dental_sync.storage import keyset, locks, one_row
from dental_sync.storage.models import Appointment, Patient, Practice, User

_BY_NAME = keyset.Keyset(keyset.by_text(Patient.folded_name), keyset.by_id(Patient.id))


def page(session: Session, actor: Actor, *, q: str | None, after: str | None, limit: int) -> keyset.Page[Patient]:
    """The patients whom the actor may see and who fit `q`, by name.

    Raises ValidationFailed for another list's cursor.
    """
    # The search and the cursor hold what somebody typed, and names.
    locks.table_to_search(session, Patient)
    query = _BY_NAME.select(select(Patient).where(_visible_to(actor)), after=after, limit=limit)
    if q:
        query = query.where(_fits(session, actor, q))
    return _BY_NAME.page(session.scalars(query), limit=limit)


def get(session: Session, actor: Actor, patient_id: uuid.UUID) -> Patient:
    """One patient; raises NotFound for those whom the actor may not see."""
    patient = session.scalar(select(Patient).where(Patient.id == patient_id, _visible_to(actor)))
    if patient is None:
        raise errors.NotFound
    return patient


def add(session: Session, values: Mapping[str, Any], *, now: datetime) -> Patient:
    """Enter a new patient, without an account; raises ValidationFailed for a birth date in the future."""
    _check_birth(session, values, now)
    locks.tables_to_write(session, Patient)
    patient = Patient(id=new_id(), **values)
    session.add(patient)
    session.flush()
    return patient


def change(session: Session, patient_id: uuid.UUID, values: Mapping[str, Any], *, now: datetime) -> Patient:
    """Change what is known about a patient; a new name is the account's too. Raises NotFound or ValidationFailed."""
    _check_birth(session, values, now)
    user_id = session.scalar(select(Patient.user_id).where(Patient.id == patient_id))
    if "name" in values:
        locks.what_a_name_reaches(session, patient=patient_id)
        if user_id is not None:
            session.execute(update(User).where(User.id == user_id).values(name=values["name"]))
    return one_row.change(session, Patient, patient_id, values)


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """Admins see everybody, a dentist those who are or were in the own diary, a patient themselves."""
    if actor.sees_everything:
        return everybody()
    if actor.own_dentist_id is not None:
        return exists().where(
            Appointment.patient_id == Patient.id,
            Appointment.dentist_id == actor.own_dentist_id,
            Appointment.status != "entered-in-error",
        )
    return false() if actor.own_patient_id is None else Patient.id == actor.own_patient_id


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
    zone = ZoneInfo(session.scalars(select(Practice.time_zone)).one())
    if birth_date > now.astimezone(zone).date():
        wrong: errors.FieldError = {"pointer": "/birthDate", "detail": "must not lie in the future"}
        raise errors.ValidationFailed(errors=[wrong])
