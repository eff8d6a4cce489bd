"""The diary's records as clients get them: camelCase, RFC 3339 in UTC. For answers and outcomes, not for rules."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import time, timedelta
from typing import Any, Literal

from pydantic.alias_generators import to_camel

from dental_sync.core.instants import format_closing, format_instant
from dental_sync.diary.intervals import WeeklyWindow
from dental_sync.diary.model import Absence, Chair, ChairAbsence, DentistHours, Hold, PracticeRules

WindowWire = dict[Literal["isoWeekday", "start", "end", "validFrom", "validTo"], Any]


def dentist(record: DentistHours) -> dict[str, Any]:
    """The contract's dentist, with the hours in the order of the week."""
    in_order = sorted(record.hours, key=_in_the_week)
    return {
        "id": str(record.id),
        "name": record.name,
        "timeZone": record.zone.key,
        "workingHours": [_window(window) for window in in_order],
        "active": record.is_active,
        "profession": record.profession,
        "treatments": None if record.offers is None else [_offered(*entry) for entry in record.offers.items()],
    }


def _offered(treatment_id: uuid.UUID, length: timedelta | None) -> dict[str, Any]:
    return {
        "treatmentId": str(treatment_id),
        "durationMinutes": None if length is None else length // timedelta(minutes=1),
    }


def _in_the_week(window: WeeklyWindow) -> tuple[int, time, bool, time]:
    return window.iso_weekday, window.starts, window.ends_next_day, window.ends


def _window(window: WeeklyWindow) -> WindowWire:
    wire: WindowWire = {
        "isoWeekday": window.iso_weekday,
        "start": window.starts.strftime("%H:%M"),
        "end": format_closing(window.ends),
    }
    if window.valid_from is not None:
        wire["validFrom"] = window.valid_from.isoformat()
    if window.valid_to is not None:
        wire["validTo"] = window.valid_to.isoformat()
    return wire


def absence(record: Absence) -> dict[str, Any]:
    """The contract's time off, which names its dentist, or closure."""
    return {
        "id": str(record.id),
        **({"dentistId": str(record.dentist_id)} if record.dentist_id is not None else {}),
        "startsAt": format_instant(record.time.start),
        "endsAt": format_instant(record.time.end),
        "reason": record.reason,
    }


def chair(record: Chair) -> dict[str, Any]:
    """The contract's chair, as admins see it."""
    return {"id": str(record.id), "name": record.name, "kind": record.kind, "active": record.is_active}


def chair_absence(record: ChairAbsence) -> dict[str, Any]:
    """The contract's time off of a chair."""
    return {
        "id": str(record.id),
        "chairId": str(record.chair_id),
        "startsAt": format_instant(record.time.start),
        "endsAt": format_instant(record.time.end),
        "reason": record.reason,
    }


def practice(record: PracticeRules) -> dict[str, Any]:
    """The contract's practice."""
    return {to_camel(field.name): getattr(record, field.name) for field in dataclasses.fields(record)}


def hold(record: Hold) -> dict[str, Any]:
    """The contract's hold."""
    return {
        "id": str(record.id),
        "dentistId": str(record.dentist_id),
        "treatmentId": str(record.treatment_id) if record.treatment_id else None,
        "treatmentIds": [str(id_) for id_ in record.treatments],
        "startsAt": format_instant(record.time.start),
        "endsAt": format_instant(record.time.end),
        "expiresAt": format_instant(record.expires_at),
    }
