"""Erasing a patient, as the lane does it: decided and stored at once, by one function of the database's owner."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.instants import format_instant
from dental_sync.diary import erasing
from dental_sync.queries import load_patient


def erase(session: Session, actor: Actor, patient_id: uuid.UUID, *, received_at: datetime) -> Mapping[str, Any]:
    """Erase a patient unless that was done before; returns what is answered either time.

    Raises Forbidden, NotFound, BookingsInTheWay.
    """
    patient = erasing.erase(load_patient.to_erase(session, patient_id, received_at), actor)
    erased_at = patient.erased_at
    if erased_at is None:
        erased_at = session.execute(select(func.erase_patient(patient_id))).scalar_one()
    return {"id": str(patient_id), "erasedAt": format_instant(erased_at)}
