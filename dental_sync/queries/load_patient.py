"""Reads from the database what is looked at when a patient is to be erased."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from dental_sync.core.roles import PATIENT
from dental_sync.diary import erasing
from dental_sync.queries.load_hours import UPCOMING
from dental_sync.storage.models import Appointment
from dental_sync.storage.people_models import Patient

_HOLDS = text("""
    SELECT EXISTS (
        SELECT FROM holds h JOIN patients p USING (user_id) JOIN users u ON u.id = h.user_id
        WHERE p.id = :id AND u.role = :role AND h.expires_at > clock_timestamp())
""")


def to_erase(session: Session, patient_id: uuid.UUID, received_at: datetime) -> erasing.Patient | None:
    """A patient, and what is still open of them; None where there is none."""
    found = session.execute(select(Patient.erased_at).where(Patient.id == patient_id)).one_or_none()
    if found is None:
        return None
    to_come = (
        select(Appointment.id)
        .where(
            Appointment.patient_id == patient_id, Appointment.status.in_(UPCOMING), Appointment.ends_at > received_at
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    holds_a_time = session.execute(_HOLDS, {"id": patient_id, "role": PATIENT}).scalar_one()
    return erasing.Patient(patient_id, found.erased_at, session.scalars(to_come).all(), holds_a_time)
