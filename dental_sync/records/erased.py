"""Patients whose data were erased: nothing is entered about them any more."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dental_sync.core import errors


def check(session: Session, *, patient: uuid.UUID | None = None, appointment: uuid.UUID | None = None) -> None:
    """Keep a patient, or that of an appointment, from being erased until the transaction ends.

    Before anything that was typed is written, and after the locks of `storage/locks.py`, which erasing takes first too.
    Raises PatientErased.
    """
    if session.execute(select(func.keep_from_erasing(patient, appointment))).scalar_one() is False:
        raise errors.PatientErased
