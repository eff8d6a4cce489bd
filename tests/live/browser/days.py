"""A day of the demo practice as pictures show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dental_sync.core.instants import format_instant
from dental_sync.records.demo import PASSWORD, TIME_ZONE

from ..rest import Account
from ..system import System

# Later than any time that other tests of the same system take.
AHEAD = timedelta(weeks=8)
# Who has no other appointment than that of this day.
ONLY = {"email": "lea@demo.test", "name": "Lea Vogel", "role": "patient", "password": PASSWORD}

# Dentist, patient, hour, minute, treatment, and what else is said.
_DAY: tuple[tuple[int, int, int, int, str, dict[str, Any]], ...] = (
    (0, 0, 8, 0, "Check-up", {}),
    (0, 1, 8, 30, "Cleaning", {"reason": "Sensitive upper left"}),
    (0, 2, 9, 30, "Implant", {}),
    (0, 3, 11, 0, "Check-up", {}),
    (0, 5, 13, 0, "Root canal", {}),
    (0, 7, 13, 30, "Check-up", {"reason": "Pain since Sunday", "force": True}),
    (1, 9, 9, 0, "Filling", {}),
    (1, 10, 10, 0, "Cleaning", {}),
    (1, 11, 11, 15, "First visit", {}),
    (1, 4, 13, 0, "Filling", {}),
    (2, 8, 10, 0, "Check-up", {}),
    (2, 6, 10, 30, "Cleaning", {}),
    (2, 2, 13, 0, "Root canal", {}),
)


def make_day(system: System) -> str:
    """Fill a Tuesday that is empty; returns its date."""
    zone = ZoneInfo(TIME_ZONE)
    today = datetime.now(UTC).astimezone(zone).date()
    date = today + AHEAD + timedelta(days=(1 - today.weekday()) % 7)

    def at(hour: int, minute: int = 0) -> str:
        return format_instant(datetime(date.year, date.month, date.day, hour, minute, tzinfo=zone))

    admin, desk = system.account("admin"), system.account("desk")
    implant = {"name": "Implant", "durationMinutes": 60, "bufferBeforeMinutes": 15, "bufferAfterMinutes": 15}
    admin.done("POST", "/treatments", implant)
    admin.done("POST", "/treatments", {"name": "First visit", "durationMinutes": 30, "requiresApproval": True})
    treatments = {each["name"]: each["id"] for each in desk.get("/treatments")["items"]}
    dentists = [each["id"] for each in desk.get("/dentists")["items"]]
    patients = [each["id"] for each in desk.get("/patients")["items"]]
    for dentist, patient, hour, minute, treatment, more in _DAY:
        body = {"dentistId": dentists[dentist], "patientId": patients[patient], "startsAt": at(hour, minute)}
        desk.done("POST", "/appointments", {**body, "treatmentId": treatments[treatment], **more})
    away = {"startsAt": at(8), "endsAt": at(10), "reason": "Training"}
    desk.done("POST", f"/dentists/{dentists[2]}/time-off", away)
    holder: Account = system.account("patient12")
    held = {"dentistId": dentists[1], "startsAt": at(8, 15), "treatmentId": treatments["Check-up"]}
    holder.done("POST", "/holds", held)
    only = admin.done("POST", "/users", ONLY)["patientId"]
    desk.done(
        "POST",
        "/appointments",
        {"dentistId": dentists[1], "patientId": only, "startsAt": at(14, 15), "treatmentId": treatments["Cleaning"]},
    )
    return date.isoformat()
