"""A dentist's own hours and time off in Chromium: what is in the way is shown while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dental_sync.records.demo import PASSWORD, TIME_ZONE

from ..rest import Account
from ..system import System
from ..witnesses import NEW_PASSWORD, somebody_new
from .browser import Browser
from .screens import Screen
from .sheets import date_of
from .visits import a_visit_soon

OpenHours = Callable[[dict[str, Any]], Screen]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ALWAYS = [{"isoWeekday": weekday, "start": "00:00", "end": "24:00"} for weekday in range(1, 8)]


@pytest.fixture
def open_hours(browser: Browser, system: System) -> Iterator[OpenHours]:
    """Open a dentist's hours and time off in a browser of its own; its console stays empty."""
    opened: list[Screen] = []

    def open_one(dentist: dict[str, Any]) -> Screen:
        screen = Screen(browser, f"{browser.road(system).url}/dentist?view=hours&lang=en")
        opened.append(screen)
        screen.is_refused = True
        screen.sign_in(dentist["email"], NEW_PASSWORD)
        screen.wait_live()
        screen.page.wait_for("document.querySelector('[data-hours]') !== null", "showing the hours")
        return screen

    yield open_one
    for screen in opened:
        screen.assert_quiet()


@pytest.fixture
def dentist(system: System) -> Iterator[tuple[dict[str, Any], Account]]:
    """Somebody who works around the clock, until the test is over: others look for who is free first."""
    user, account = somebody_new(system, "dentist")
    path = f"/dentists/{user['dentistId']}"
    account.done("PUT", f"{path}/working-hours", {"hours": ALWAYS})
    yield user, account
    system.account("admin").done("PATCH", path, {"active": False, "force": True})


@pytest.fixture
def colleague(system: System) -> Iterator[dict[str, Any]]:
    """Somebody else who works around the clock, the only one of the name Zoltan."""
    admin = system.account("admin")
    email = f"colleague-{system.opening().starts_at}@live.test".replace(":", "-")
    user = admin.done("POST", "/users", {"email": email, "name": "Zoltan", "role": "dentist", "password": NEW_PASSWORD})
    path = f"/dentists/{user['dentistId']}"
    admin.done("PUT", f"{path}/working-hours", {"hours": ALWAYS})
    yield user
    admin.done("PATCH", path, {"active": False, "force": True})


def wait_in_the_way(screen: Screen, *visits: dict[str, Any]) -> None:
    """Wait until these appointments, and no others, are listed as in the way."""
    listed = "[...document.querySelectorAll('[data-in-the-way] [data-appointment-id]')]"
    wanted = sorted(visit["id"] for visit in visits)
    ids = f"{listed}.map(({{ dataset }}) => dataset.appointmentId).sort()"
    screen.page.wait_for(f"JSON.stringify({ids}) === JSON.stringify({wanted})", f"{len(wanted)} in the way")


def test_hours_are_typed_with_what_they_strand_beside_them(
    system: System, dentist: tuple[dict[str, Any], Account], open_hours: OpenHours
) -> None:
    """Nothing is stored before it was seen, nothing typed is lost by a slip, and what was stored is taken back."""
    user, account = dentist
    _, patient = somebody_new(system, "patient")
    visit = a_visit_soon(system, patient, user)
    day = datetime.fromisoformat(visit["startsAt"]).astimezone(ZoneInfo(TIME_ZONE)).isoweekday()

    def stored() -> list[int]:
        hours = account.get(f"/dentists/{user['dentistId']}")["workingHours"]
        return sorted(window["isoWeekday"] for window in hours)

    screen = open_hours(user)
    screen.assert_accessible()
    screen.page.click(f"button[aria-label='Remove this time: {WEEKDAYS[day - 1]}']")
    wait_in_the_way(screen, visit)
    screen.wait_read("1 appointment would lie outside these hours.")
    screen.assert_accessible()
    assert stored() == [1, 2, 3, 4, 5, 6, 7]
    screen.page.click("nav >> text=As a list")
    screen.wait_read("Leave without saving?")
    screen.assert_accessible()
    screen.press("Stay here", "[role=alertdialog]")
    other = WEEKDAYS[day % 7]
    screen.page.click(f"button[aria-label='Copy: {other}']")
    screen.page.click("[role=menuitem]:has-text('Every day')")
    wait_in_the_way(screen)
    screen.page.wait_for("!document.querySelector('main').innerText.includes('Discard')", "as it was stored")
    screen.page.click(f"button[aria-label='Remove this time: {WEEKDAYS[day - 1]}']")
    wait_in_the_way(screen, visit)
    screen.press("Save anyway")
    screen.wait_read("The hours are saved.")
    screen.wait_read("1 appointment is booked outside these hours.")
    assert day not in stored()
    screen.press("Undo", "body")
    wait_in_the_way(screen)
    screen.wait_read("The hours are as they were.")
    assert stored() == [1, 2, 3, 4, 5, 6, 7]


def test_time_off_is_entered_with_what_is_still_booked_then(
    system: System, dentist: tuple[dict[str, Any], Account], colleague: dict[str, Any], open_hours: OpenHours
) -> None:
    """Listed before it is entered and afterwards, as bookings come and go, until a colleague has the last one; what the
    front desk enters is there by itself."""
    user, account = dentist
    (_, patient), (_, other) = somebody_new(system, "patient"), somebody_new(system, "patient")
    visit = a_visit_soon(system, patient, user)
    time_off = f"/dentists/{user['dentistId']}/time-off"
    screen = open_hours(user)
    screen.press("Enter time off")
    for label in ("From", "Last day"):
        screen.page.fill(f"label:text-is('{label}') + input", date_of(visit["startsAt"]))
    wait_in_the_way(screen, visit)
    second = a_visit_soon(system, other, user)
    wait_in_the_way(screen, visit, second)
    screen.assert_accessible()
    assert account.get(time_off)["items"] == []
    screen.press("Enter it anyway")
    screen.wait_read("2 appointments are still booked then:")
    assert [each["reason"] for each in account.get(time_off)["items"]] == [None]
    system.account("desk").done("POST", f"/appointments/{second['id']}/cancel", {})
    wait_in_the_way(screen, visit)
    screen.press("Hand over")
    screen.page.wait_for("document.activeElement.closest('[data-hand-over]') !== null", "to be handed over")
    screen.page.type("Zoltan")
    screen.assert_accessible()
    screen.press("Hand them over")
    wait_in_the_way(screen)
    assert system.account("desk").get(f"/appointments/{visit['id']}")["dentistId"] == colleague["dentistId"]
    screen.press("Close", "[data-hand-over]")
    screen.press("Take back")
    screen.wait_read("No time off ahead.")
    away = {"startsAt": "2099-01-05T00:00:00+01:00", "endsAt": "2099-01-06T00:00:00+01:00", "reason": "Training"}
    system.account("desk").done("POST", time_off, away)
    screen.wait_read("Mon, 5 Jan 2099")
    assert screen.is_the_same


def test_who_is_ill_is_away_until_tonight_by_two_presses(
    system: System, browser: Browser, dentist: tuple[dict[str, Any], Account]
) -> None:
    """At the front desk: what is booked stands beside it, and can be handed over; a closure is entered there too."""
    user, account = dentist
    _, patient = somebody_new(system, "patient")
    visit = a_visit_soon(system, patient, user, hours=0)
    screen = Screen(browser, f"{browser.road(system).url}/desk?lang=en")
    screen.sign_in("desk@demo.test", PASSWORD)
    screen.wait_live()
    row = f"[data-away-dentist='{user['dentistId']}']"
    screen.page.click("[data-open-away]")
    screen.page.wait_for(f"document.querySelector(\"{row}\")?.innerText.includes('1 appointment')", "what is booked")
    screen.assert_accessible()
    screen.page.click(f"{row} button:has-text('Away until tonight')")
    wait_in_the_way(screen, visit)
    [away] = account.get(f"/dentists/{user['dentistId']}/time-off")["items"]
    assert date_of(away["startsAt"]) == date_of(visit["startsAt"])
    screen.assert_accessible()
    screen.page.click(f"{row} button:has-text('Hand over')")
    screen.page.wait_for("document.querySelector('[data-hand-over]') !== null", "to be handed over")
    screen.press("Close", "[data-hand-over]")
    screen.page.click(f"{row} button:has-text('Take back')")
    screen.wait_read("is there after all")
    assert account.get(f"/dentists/{user['dentistId']}/time-off")["items"] == []
    screen.page.click("summary:has-text('Closures')")
    screen.press("Enter a closure")
    for label in ("From", "Last day"):
        screen.page.fill(f"label:text-is('{label}') + input", "2099-12-24")
    screen.press("Enter it")
    screen.wait_read("The practice is closed: Thu, 24 Dec 2099.")
    screen.press("Undo", "body")
    screen.wait_read("The practice is open after all")
    screen.assert_quiet()
