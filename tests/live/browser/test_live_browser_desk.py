"""The front desk's day sheet in Chromium: moving by mouse, touch and keys, booking a caller, receiving patients."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dental_sync.records.demo import TIME_ZONE

from ..rest import Account
from ..system import System
from ..witnesses import NEW_PASSWORD, somebody_new
from .browser import Browser
from .conftest import OpenDesk
from .screens import Screen
from .sheets import FOCUSED, DaySheet, block, booked, date_of, later, two_half_hours
from .visits import a_visit_soon

# Much longer than the page asks for, so that a machine with other work has heard of it.
LONG_PRESS_MS = 1500


@pytest.fixture
def patient(system: System) -> Account:
    return somebody_new(system, "patient")[1]


def now_of(system: System, appointment: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = system.account("desk").get(f"/appointments/{appointment['id']}")
    return found


def test_what_is_dragged_is_on_every_desk_and_taken_back(system: System, patient: Account, open_desk: OpenDesk) -> None:
    """A patient's booking comes by itself and is marked; by mouse it gets another time, dentist and end."""
    first, second = two_half_hours(system)
    own, other = open_desk(date_of(first)), open_desk(date_of(first))
    appointment = booked(system, patient, first)
    for desk in (own, other):
        desk.wait_at(appointment, first, 0)
        assert desk.screen.is_marked(appointment)
    own.screen.assert_accessible()
    own.page.bring_to_front()
    own.page.drag(own.middle(appointment), own.place(later(second, 15), 1))
    for desk in (own, other):
        desk.wait_at(appointment, second, 1)
    moved = now_of(system, appointment)
    assert (moved["startsAt"], moved["dentistId"]) == (second, system.account("dentist2").dentist_id)
    own.page.drag(own.middle(appointment, "[data-handle]"), own.place(later(second, 45), 1))
    other.wait_until_end(appointment, later(second, 45))
    assert now_of(system, appointment)["startsAt"] == second
    own.screen.press("Undo", "body")
    for desk in (own, other):
        desk.wait_until_end(appointment, later(second, 30))
    assert now_of(system, appointment)["endsAt"] == later(second, 30)
    assert other.screen.is_the_same


def test_a_finger_scrolls_and_after_a_long_press_carries(system: System, patient: Account, open_desk: OpenDesk) -> None:
    """At the width of a phone, where one dentist is shown; the whole, and its end."""
    first, second = two_half_hours(system)
    appointment = booked(system, patient, first)
    desk = open_desk(date_of(first), width=360)
    desk.wait_at(appointment, first, 0)
    desk.screen.assert_accessible()
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    target = desk.middle(appointment), desk.place(later(second, 15), 0)
    desk.page.touch(*target)
    desk.wait_at(appointment, first, 0)
    desk.wait_still()
    desk.page.touch(desk.middle(appointment), desk.place(later(second, 15), 0), LONG_PRESS_MS)
    desk.wait_at(appointment, second, 0)
    assert now_of(system, appointment)["startsAt"] == second
    end = desk.middle(appointment, "[data-handle]")
    desk.page.touch(end, desk.place(later(second, 45), 0), LONG_PRESS_MS)
    desk.wait_until_end(appointment, later(second, 45))
    assert now_of(system, appointment)["startsAt"] == second


def test_a_refused_drop_goes_back_and_offers_others(system: System, patient: Account, open_desk: OpenDesk) -> None:
    """By keys: put back by Escape, refused by its reason, then an alternative, or the same by force."""
    first, second = two_half_hours(system)
    appointment = booked(system, patient, first)
    in_the_way = booked(system, somebody_new(system, "patient")[1], second)
    desk = open_desk(date_of(first))
    desk.wait_at(appointment, first, 0)
    desk.focus(appointment)
    for key in ("Enter", "ArrowDown", "ArrowRight", "Escape"):
        desk.page.press(key)
    desk.wait_at(appointment, first, 0)
    desk.screen.is_refused = True
    for key in ("Enter", "ArrowDown", "ArrowDown", " "):
        desk.page.press(key)
    desk.screen.wait_read("The time has been taken meanwhile.")
    desk.wait_at(appointment, first, 0)
    assert desk.page.evaluate(f"{FOCUSED}.appointmentId") == appointment["id"]
    desk.screen.assert_accessible()
    ghost = desk.page.evaluate("({ ...document.querySelector('[data-sheet] [data-slot]').dataset })")
    desk.page.click("[data-sheet] [data-slot]")
    desk.screen.wait_read("Moved: Somebody")
    moved = now_of(system, appointment)
    assert (moved["startsAt"], moved["dentistId"]) == (ghost["slot"], ghost["dentistId"])
    desk.page.drag(desk.middle(appointment), desk.place(later(second, 15), 0))
    desk.screen.wait_read("The time has been taken meanwhile.")
    desk.page.click("[data-force]")
    desk.wait_at(appointment, second, 0)
    desk.page.wait_for("document.querySelectorAll('[data-overbooked]').length === 2", "both shown as overbooked")
    assert now_of(system, in_the_way)["overbooked"]
    desk.screen.assert_accessible()


def test_two_desks_at_one_appointment(system: System, patient: Account, open_desk: OpenDesk) -> None:
    """Whoever drops second is told that somebody was first, and sees where it is."""
    first, second = two_half_hours(system)
    appointment = booked(system, patient, first)
    quick, slow = open_desk(date_of(first)), open_desk(date_of(first))
    for desk in (slow, quick):
        desk.wait_at(appointment, first, 0)
        desk.page.bring_to_front()
        desk.focus(appointment)
        desk.page.press("Enter")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        quick.page.press(key)
    slow.wait_at(appointment, second, 0)
    slow.screen.is_refused = True
    slow.page.bring_to_front()
    for key in ("ArrowRight", "Enter"):
        slow.page.press(key)
    slow.screen.wait_read("Somebody else has just changed this appointment.")
    for desk in (quick, slow):
        desk.wait_at(appointment, second, 0)


def test_a_caller_is_booked_in_a_few_keys(system: System, open_desk: OpenDesk) -> None:
    """A click, some letters and Enter twice; somebody new is entered on the way."""
    first, second = two_half_hours(system)
    desk = open_desk(date_of(first))
    name = f"Zoë Krüger {first[-24:-8]}"
    desk.page.click_at(desk.reveal(later(first, 5), 2))
    desk.page.wait_for(f"{FOCUSED}.patientSearch === ''", "asking for the patient")
    desk.page.type(name)
    desk.screen.wait_read(f"New patient: {name}")
    desk.page.press("Enter")
    desk.page.wait_for("document.activeElement.type === 'tel'", "asking for the phone")
    desk.screen.assert_accessible()
    desk.page.type("030 5550199")
    desk.page.press("Enter")
    desk.screen.wait_read(f"Booked: {name}")
    desk.page.click_at(desk.reveal(later(second, 5), 2))
    desk.page.wait_for(f"{FOCUSED}.patientSearch === ''", "asking for the patient")
    desk.page.type(f"zoe {name[-16:]}")
    desk.page.wait_for("document.querySelector('[role=option][data-focused]')?.innerText.includes('Zoë')", "found")
    desk.screen.assert_accessible()
    desk.page.press("Enter")
    desk.page.wait_for("document.activeElement.type === 'submit'", "ready")
    desk.page.press("Enter")
    desk.page.wait_for(f"document.querySelectorAll('[data-sheet] [title*=\"{name}\"]').length === 2", "both shown")
    desk.screen.assert_accessible()
    calls = system.account("desk").get(f"/appointments?from={first}&to={later(second, 30)}")["items"]
    assert [each["startsAt"] for each in calls if each["patientName"] == name] == [first, second]


def test_a_dentist_moves_an_appointment_of_the_own_day(system: System, browser: Browser, patient: Account) -> None:
    """On the sheet of the own day, at the end of which the list is a press away."""
    dentist, _ = somebody_new(system, "dentist")
    visit = a_visit_soon(system, patient, dentist)
    screen = Screen(browser, f"{browser.road(system).url}/dentist?date={date_of(visit['startsAt'])}&view=sheet&lang=en")
    screen.sign_in(dentist["email"], NEW_PASSWORD)
    screen.wait_shown(visit, "booked")
    screen.assert_accessible()
    screen.is_refused = True
    DaySheet(screen).focus(visit)
    for key in ("Enter", "Shift+ArrowDown", "Enter"):
        screen.page.press(key)
    screen.wait_read("The dentist does not work at that time.")
    screen.page.click("[data-force]")
    screen.wait_read("Moved: Somebody")
    assert now_of(system, visit)["endsAt"] > visit["endsAt"]
    screen.page.click("nav >> text=As a list")
    screen.wait_shown(visit, "booked")
    screen.assert_quiet()


def test_who_arrives_is_in_the_waiting_room(system: System, patient: Account, open_desk: OpenDesk) -> None:
    """From the panel of the chosen appointment, until the treatment is done; a hold of somebody else is shown."""
    visit = a_visit_soon(system, patient, system.account("dentist3").user)
    desk = open_desk(date_of(visit["startsAt"]))
    desk.screen.wait_shown(visit, "booked")
    desk.page.click(block(visit))
    for move, status in (("arrive", "arrived"), ("checkIn", "checked-in")):
        desk.page.click(f"[data-panel] [data-move={move}]")
        desk.screen.wait_shown(visit, status)
        desk.page.wait_for("document.querySelector('[data-waiting-room]').innerText.includes('Somebody')", "waiting")
        desk.screen.assert_accessible()
    desk.page.click("[data-panel] [data-move=complete]")
    desk.screen.wait_shown(visit, "fulfilled")
    desk.page.wait_for("!document.querySelector('[data-waiting-room]').innerText.includes('Somebody')", "gone")


def test_the_next_gap_of_today_is_a_press_away(system: System, open_desk: OpenDesk) -> None:
    """Twenty minutes with whoever is free first, without a treatment; late in the evening there may be none."""
    dentist, _ = somebody_new(system, "dentist")
    path = f"/dentists/{dentist['dentistId']}"
    hours = [{"isoWeekday": weekday, "start": "00:00", "end": "23:00"} for weekday in range(1, 8)]
    system.account("admin").done("PUT", f"{path}/working-hours", {"hours": hours})
    now = datetime.now(ZoneInfo(TIME_ZONE))
    desk = open_desk(now.date().isoformat())
    desk.page.click("[data-next-gap]")
    if now.hour < 22:
        desk.page.wait_for("document.querySelector('[data-booking]')?.innerText.includes('Emergency')", "booking")
        desk.screen.assert_accessible()
    else:
        desk.page.wait_for("document.querySelector('[data-booking], [class*=toast]') !== null", "answered")
    system.account("admin").done("PATCH", path, {"active": False})


def test_a_hold_and_a_closure_come_and_go(system: System, patient: Account, open_desk: OpenDesk) -> None:
    """What is no appointment is told by the practice's channel."""
    first, second = two_half_hours(system)
    desk = open_desk(date_of(first))
    time = {"dentistId": system.account("dentist1").dentist_id, "startsAt": first, "endsAt": later(first, 30)}
    hold = patient.done("POST", "/holds", time)
    desk.page.wait_for(f"document.querySelector('[data-hold-id=\"{hold['id']}\"]') !== null", "held")
    closure = system.account("desk").done(
        "POST", "/closures", {"startsAt": second, "endsAt": later(second, 30), "reason": "Fire drill", "force": True}
    )
    desk.screen.wait_read("Closed: Fire drill")
    desk.screen.assert_accessible()
    for width in (320, 2560):
        desk.page.resize(width)
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    patient.done("DELETE", f"/holds/{hold['id']}")
    system.account("desk").done("DELETE", f"/closures/{closure['id']}")
    desk.page.wait_for("document.querySelector('[data-hold-id], [data-kind=closure]') === null", "gone")
    assert desk.screen.is_the_same
