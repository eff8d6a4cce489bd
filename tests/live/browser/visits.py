"""Appointments of today, on which somebody can arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dental_sync.core.instants import format_instant

from ..rest import Account
from ..system import System


def a_visit_soon(system: System, patient: Account, dentist: dict[str, Any], hours: int = 1) -> dict[str, Any]:
    """An hour from now, whatever the hours are: the day on which somebody arrives. With 0 it is today."""
    starts = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=hours)
    booking = {
        "dentistId": dentist["dentistId"],
        "patientId": patient.patient_id,
        "startsAt": format_instant(starts),
        "endsAt": format_instant(starts + timedelta(minutes=30)),
        "force": True,
    }
    visit: dict[str, Any] = system.account("desk").done("POST", "/appointments", booking)
    return visit
