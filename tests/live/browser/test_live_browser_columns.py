"""The day sheet with columns of chairs and of days, in Chromium."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dental_sync.core.instants import format_instant
from dental_sync.records.demo import TIME_ZONE

from ..system import System
from ..witnesses import somebody_new
from .conftest import OpenDesk
from .sheets import booked, date_of, later, two_half_hours

WITHOUT = "Without a chair"
COLUMNS = "[...document.querySelectorAll('[role=group][data-from]')]"


def now_of(system: System, appointment: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = system.account("desk").get(f"/appointments/{appointment['id']}")
    return found


def test_what_is_dropped_in_a_chair_is_treated_there(system: System, open_desk: OpenDesk) -> None:
    """By mouse into a chair, by keys out of it again; one that is not used any more is shown while it is taken."""
    admin = system.account("admin")
    first, second = two_half_hours(system)
    appointment = booked(system, somebody_new(system, "patient")[1], first)
    chair = admin.done("POST", "/chairs", {"name": f"Room of {first[:16]}", "kind": "test"})
    desk = open_desk(date_of(first), view="by=chair")
    desk.wait_at(appointment, first, WITHOUT)
    desk.page.drag(desk.middle(appointment), desk.place(later(second, 15), chair["name"]))
    desk.wait_at(appointment, second, chair["name"])
    moved = now_of(system, appointment)
    assert (moved["chairId"], moved["dentistId"]) == (chair["id"], appointment["dentistId"])
    desk.screen.assert_accessible()
    desk.page.click("label:has-text('Dentists')")
    desk.wait_at(appointment, second, 0)
    admin.done("DELETE", f"/chairs/{chair['id']}?force=true")
    desk.page.go(desk.page.evaluate("location.href + '&by=chair'"))
    desk.wait_at(appointment, second, chair["name"])
    desk.focus(appointment)
    for key in ("Enter", "ArrowRight", "Enter"):
        desk.page.press(key)
    desk.wait_at(appointment, second, WITHOUT)
    assert now_of(system, appointment)["chairId"] is None


def test_in_a_week_an_arrow_aside_is_another_day(system: System, open_desk: OpenDesk) -> None:
    """Seven days of one dentist, at one height the same time of each; the head of a day leads to it."""
    dentist, _ = somebody_new(system, "dentist")
    hours = [{"isoWeekday": weekday, "start": "07:00", "end": "19:00"} for weekday in range(1, 8)]
    system.account("admin").done("PUT", f"/dentists/{dentist['dentistId']}/working-hours", {"hours": hours})
    today = datetime.now(ZoneInfo(TIME_ZONE))
    monday = (today + timedelta(days=7 - today.weekday())).replace(hour=10, minute=0, second=0, microsecond=0)
    monday_at, tuesday_at = format_instant(monday), format_instant(monday + timedelta(days=1))
    booking = {"dentistId": dentist["dentistId"], "startsAt": monday_at, "endsAt": later(monday_at, 30)}
    patient = somebody_new(system, "patient")[1]
    visit = system.account("desk").done("POST", "/appointments", {**booking, "patientId": patient.patient_id})
    desk = open_desk(date_of(tuesday_at), view=f"view=week&dentist={dentist['dentistId']}")
    names = desk.page.evaluate(f"{COLUMNS}.map(({{ ariaLabel }}) => ariaLabel)")
    assert len(names) == 7
    desk.wait_at(visit, monday_at, names[0])
    desk.screen.assert_accessible()
    desk.focus(visit)
    for key in ("Enter", "ArrowRight", "Enter"):
        desk.page.press(key)
    desk.wait_at(visit, tuesday_at, names[1])
    assert now_of(system, visit)["startsAt"] == tuesday_at
    desk.page.click(f"[data-sheet] h2 button[title='{names[1]}']")
    desk.wait_at(visit, tuesday_at, dentist["name"])
