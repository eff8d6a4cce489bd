"""The page on which everybody sees what is free, and books, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.records.demo import PASSWORD, TIME_ZONE

from ..conftest import StartSystem
from ..families import Family
from ..openings import Opening
from ..system import System, wait_until
from ..witnesses import NEW_PASSWORD, somebody_new
from .browser import Browser
from .screens import Screen

# In groups of four.
CODE = re.compile(r"\b(?:[0-9A-Z]{4}-)+[0-9A-Z]{4}\b")
HELD = "document.querySelector('[role=timer]') !== null"


ShowTimes = Callable[..., Screen]


@pytest.fixture
def show_times(browser: Browser) -> Iterator[ShowTimes]:
    """Open the day of a time, with dentist 1: `show_times(system, opening)`; its console stays empty."""
    opened: list[Screen] = []

    def open_one(system: System, opening: Opening, **more: str) -> Screen:
        opened.append(Screen(browser, browser.road(system).url + times_of(system, opening, **more)))
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.assert_quiet()


def times_of(system: System, opening: Opening, **more: str) -> str:
    """The address of the day of a time, with dentist 1."""
    date = parse_instant(opening.starts_at).astimezone(ZoneInfo(TIME_ZONE)).date().isoformat()
    asked = {"lang": "en", "date": date, "dentist": system.account("dentist1").dentist_id, **more}
    return f"/book?{urlencode(asked)}"


def go_to(screen: Screen, system: System, opening: Opening, **more: str) -> None:
    """Go on from there to another day, with the same session."""
    origin = screen.page.evaluate("location.origin")
    screen.page.go(origin + times_of(system, opening, **more))


def a_check_up(system: System, opening: Opening) -> dict[str, str]:
    """The body that books it, for what the page offers first."""
    [treatment] = [one["id"] for one in system.account("desk").get("/treatments")["items"] if one["name"] == "Check-up"]
    booking = opening.with_dentist(system.account("dentist1").dentist_id, treatmentId=treatment)
    return {name: value for name, value in booking.items() if name != "endsAt"}


def two_of_a_day(system: System) -> tuple[Opening, Opening]:
    """Two that the page shows at once."""
    first, second = system.opening(), system.opening()
    while first.starts_at[:10] != second.starts_at[:10]:
        first, second = second, system.opening()
    return first, second


def slot(starts_at: str) -> str:
    """Where a time is that can be taken."""
    return f'[data-slot="{starts_at}"][data-dentist-id]'


def wait_slot(screen: Screen, starts_at: str, *, there: bool = True) -> None:
    """Wait until a time can be taken, or no more."""
    found = "!==" if there else "==="
    screen.page.wait_for(f"document.querySelector('{slot(starts_at)}') {found} null", f"{starts_at}: {there}")


def test_a_visitor_sees_that_a_time_is_taken(system: System, show_times: ShowTimes) -> None:
    """It fades while the next ones are named; so does the one that the visitor has chosen, with others to press."""
    first, second = two_of_a_day(system)
    patient, dentist = system.account("patient1"), system.account("dentist1").dentist_id
    screen = show_times(system, first)
    wait_slot(screen, first.starts_at)
    screen.wait_live()
    screen.assert_accessible()
    for width in (320, 2560):
        screen.page.resize(width)
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    patient.done("POST", "/appointments", first.with_dentist(dentist))
    wait_slot(screen, first.starts_at, there=False)
    screen.page.wait_for("document.querySelector('[data-gone]') !== null", "faded")
    screen.wait_read("has just been taken. The nearest free times: ")
    screen.assert_accessible()

    screen.page.click(f"main {slot(second.starts_at)}")
    screen.page.wait_for("document.querySelector('input[name=email]') !== null", "asked who is coming")
    screen.assert_accessible()
    patient.done("POST", "/appointments", second.with_dentist(dentist))
    screen.wait_read("This time has just been taken.")
    screen.assert_accessible()
    screen.page.click("main [data-slot]")
    screen.wait_read("Who is coming?")
    assert screen.is_the_same


def test_a_newcomer_books_on_a_phone(system: System, show_times: ShowTimes) -> None:
    """Who is new registers with what is wrong said at its field, and then has five minutes to press once more."""
    opening = system.opening()
    email = f"newcomer-{opening.starts_at}@live.test".replace(":", "-")
    screen = show_times(system, opening)
    screen.is_refused = True
    screen.page.resize(375, 800)
    wait_slot(screen, opening.starts_at)
    screen.page.click(slot(opening.starts_at))
    fields = {"name": "Nora Neumann", "email": email, "phone": "030 5550123", "password": "password1"}
    screen.page.wait_for("document.querySelector('input[name=phone]') !== null", "asked who is coming")
    for name, text in fields.items():
        screen.page.fill(f"input[name={name}]", text)
    screen.press("Go on", "form")
    screen.wait_read("This password is easy to guess.")
    screen.assert_accessible()
    screen.page.fill("input[name=password]", NEW_PASSWORD)
    screen.press("Go on", "form")
    screen.page.wait_for(HELD, "held")
    screen.wait_live()
    screen.assert_accessible()
    screen.page.fill("input[name=reason]", "Toothache")
    screen.press("Book this time", "form")
    screen.wait_read("It is booked")
    screen.assert_accessible()
    desk = system.account("desk")
    [booked] = desk.get(f"/appointments?from={opening.starts_at}&to={opening.ends_at}")["items"]
    assert (booked["patientName"], booked["reason"]) == ("Nora Neumann", "Toothache")
    assert desk.get(f"/holds?from={opening.starts_at}&to={opening.ends_at}")["items"] == []
    screen.wait_shown(booked, "booked")
    system.account("dentist1").done("POST", f"/appointments/{booked['id']}/cancel", {})
    screen.wait_read("This appointment is cancelled")
    screen.page.click("main a:has-text('My appointments')")
    screen.wait_live()
    screen.wait_shown(booked, "cancelled")
    assert screen.is_the_same


def test_a_mother_books_for_her_child(system: System, show_times: ShowTimes) -> None:
    """The time that she comes back for is held by somebody else: she takes one that is offered, for the child."""
    family = Family.new(system)
    family.grant()
    opening, dentist = system.opening(), system.account("dentist1").dentist_id
    screen = show_times(system, opening)
    screen.is_refused = True
    wait_slot(screen, opening.starts_at)
    screen.page.click(slot(opening.starts_at))
    screen.press("Use your account")
    screen.sign_in(family.user["email"], NEW_PASSWORD)
    screen.page.wait_for(HELD, "held")
    screen.page.click("main a:has-text('Choose another time')")
    wait_slot(screen, opening.starts_at)
    # What she held is given back behind the page.
    held = f"/holds?from={opening.starts_at}&to={opening.ends_at}"
    wait_until(lambda: system.account("desk").get(held)["items"] == [], 20, lambda: "she still holds the time")
    taken = system.account("patient1").done("POST", "/holds", opening.with_dentist(dentist))
    screen.page.do("goBack")
    screen.wait_read("The time has been taken meanwhile.")
    screen.assert_accessible()
    screen.page.click("main [data-slot]")
    screen.page.wait_for(HELD, "held")
    screen.page.click("label:has-text('Tim')")
    screen.assert_accessible()
    screen.press("Book this time", "form")
    screen.wait_read("for Tim")
    booked = screen.page.evaluate("document.querySelector('[data-appointment-id]').dataset.appointmentId")
    assert family.mother.get(f"/appointments/{booked}")["patientId"] == family.child
    assert screen.is_the_same
    system.account("patient1").done("DELETE", f"/holds/{taken['id']}")


def test_a_patient_moves_an_appointment_and_takes_a_booking_back(system: System, show_times: ShowTimes) -> None:
    """By the same list of times; what was just booked is undone by a press."""
    user, patient = somebody_new(system, "patient")
    first, second, third = system.opening(), system.opening(), system.opening()
    booked = patient.done("POST", "/appointments", a_check_up(system, first))
    screen = show_times(system, third)
    wait_slot(screen, third.starts_at)
    screen.page.click(slot(third.starts_at))
    screen.press("Use your account")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.page.wait_for(HELD, "held")
    screen.press("Book this time", "form")
    screen.wait_read("It is booked")
    screen.press("Undo the booking")
    screen.wait_read("This appointment is cancelled")
    screen.page.click("main a:has-text('My appointments')")
    screen.wait_shown(booked, "booked")
    screen.assert_accessible()
    screen.page.click(f"[data-appointment-id='{booked['id']}'] a:has-text('Move')")
    screen.wait_read("Move your appointment")
    screen.page.wait_for("document.querySelector('[data-slot]') !== null", "shown times")
    screen.assert_accessible()
    go_to(screen, system, second, move=booked["id"])
    wait_slot(screen, second.starts_at)
    screen.page.click(slot(second.starts_at))
    screen.wait_read("Move it here")
    screen.assert_accessible()
    screen.press("Move it here")
    screen.wait_read("It is moved")
    screen.wait_shown(booked, "booked")
    assert patient.get(f"/appointments/{booked['id']}")["startsAt"] == second.starts_at


def test_an_invitation_is_used_on_the_own_page(system: System, show_times: ShowTimes) -> None:
    """What the desk has given: the child's appointment is there at once; a wrong code is said in words."""
    family = Family.new(system)
    booked = family.book_for_child()
    wish = {"as": "guardian", "relation": "mother"}
    code = system.account("desk").done("POST", f"/patients/{family.child}/invitation", wish)["code"]
    screen = show_times(system, system.opening())
    screen.is_refused = True
    screen.page.click("header a:has-text('Sign in')")
    screen.sign_in(family.user["email"], NEW_PASSWORD)
    screen.wait_live()
    assert screen.address.startswith("/book?")
    screen.page.click("header a:has-text('Somebody')")
    screen.page.click("summary")
    for typed in ("WRONG-CODE", code):
        screen.page.fill("input[name=code]", typed)
        screen.press("Use the code", "form")
        screen.wait_read("This code is not known" if typed != code else "The code is accepted.")
        screen.assert_accessible()
    screen.wait_shown({"id": booked}, "booked")


def test_what_a_practice_says_of_itself_is_said_in_words(
    start_system: StartSystem, show_times: ShowTimes, tmp_path: Path
) -> None:
    """A hold that is over, whom it takes of those it does not know, and what it shows to everybody."""
    system = start_system(HOLD_SECONDS="3", MAIL_URL=f"file:{tmp_path}")
    admin, opening = system.account("admin"), system.opening()
    at = {"at": opening.starts_at, "with": system.account("dentist1").dentist_id}
    held = show_times(system, opening, **at)
    held.press("Use your account")
    held.sign_in("patient1@demo.test", PASSWORD)
    held.wait_read("for a few minutes, and they are over.")
    held.assert_accessible()
    held.press("Keep it again")
    held.page.wait_for(HELD, "held again")

    told = {"address": "Smile Street 1\n10115 Berlin", "phone": "030 5550123", "newPatients": "closed"}
    admin.done("PATCH", "/practice", told)
    closed = show_times(system, opening, **at)
    closed.page.wait_for("document.querySelector('input[name=invitation]') !== null", "asked for an invitation")
    closed.assert_accessible()
    closed.page.click("main a:has-text('Choose another time')")
    closed.wait_read("by invitation only")
    closed.wait_read("Smile Street 1, 10115 Berlin")

    admin.done("PATCH", "/practice", {"newPatients": "verified"})
    unproved = show_times(system, system.opening(), **at)
    unproved.is_refused = True
    unproved.page.wait_for("document.querySelector('input[name=phone]') !== null", "asked who is coming")
    for name, text in (("name", "Nora"), ("email", "nora@live.test"), ("password", NEW_PASSWORD)):
        unproved.page.fill(f"input[name={name}]", text)
    unproved.press("Go on", "form")
    unproved.wait_read("Confirm your e-mail address")
    unproved.page.fill("input[name=password]", NEW_PASSWORD)
    unproved.press("Send me a code", "form")
    mail = unproved.page.wait_for("document.querySelector('article')?.innerText", "shown the mail")
    unproved.assert_accessible()
    code, *_ = CODE.findall(mail)
    unproved.page.fill("input[name=code]", code)
    unproved.press("Confirm the address", "form")
    unproved.page.wait_for(HELD, "held")

    admin.done("PATCH", "/practice", {"publicBooking": "view", "newPatients": "approve"})
    only_seen = show_times(system, opening, **at)
    only_seen.wait_read("No account yet? Call the practice: 030 5550123")
    only_seen.wait_live()

    admin.done("PATCH", "/practice", {"publicBooking": "off"})
    hidden = show_times(system, opening)
    hidden.is_refused = True
    hidden.page.click("main a:has-text('Sign in')")
    hidden.sign_in("patient2@demo.test", PASSWORD)
    wait_slot(hidden, opening.starts_at)


def test_a_day_without_free_times_leads_to_the_next(system: System, show_times: ShowTimes) -> None:
    """A Sunday, by a press; and the arrow keys go from day to day."""
    start = parse_instant(system.opening().starts_at)
    sunday = start + timedelta(days=7 - start.isoweekday())
    opening = Opening(format_instant(sunday), format_instant(sunday))
    screen = show_times(system, opening)
    screen.wait_read("Nothing is free on this day")
    screen.assert_accessible()
    screen.page.click("main a:has-text('Next free time')")
    screen.page.wait_for("document.querySelector('[data-slot]') !== null", "led to free times")
    before = screen.address
    screen.page.evaluate("document.querySelector('input[name=day]:checked').focus()")
    screen.page.do("press", key="ArrowLeft")
    screen.page.wait_for(f"location.pathname + location.search !== {before!r}", "another day")
