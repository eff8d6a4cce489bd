"""The pages that Dental Sync serves, in Chromium, as patients and dentists use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyotp
import pytest

from dental_sync.records.demo import PASSWORD, TIME_ZONE

from ..behind_a_path import PATH, proxy
from ..conftest import StartSystem
from ..families import Family
from ..rest import Account
from ..system import System
from ..witnesses import NEW_PASSWORD, somebody_new
from .browser import Browser
from .screens import Screen
from .visits import a_visit_soon

OpenScreen = Callable[..., Screen]


@pytest.fixture
def open_screen(browser: Browser, system: System) -> Iterator[OpenScreen]:
    """Open a page in a browser of its own: `open_screen("/my?lang=en")`; its console stays empty.

    Each is reached by a road of its own, and so has an origin and a session of its own.
    """
    opened: list[Screen] = []

    def open_one(path: str) -> Screen:
        opened.append(Screen(browser, browser.road(system).url + path))
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.assert_quiet()


def day_of(visit: dict[str, Any]) -> str:
    """The date by the practice's clock."""
    return datetime.fromisoformat(visit["startsAt"]).astimezone(ZoneInfo(TIME_ZONE)).date().isoformat()


def test_a_patient_signs_in_and_sees_what_happens_as_it_happens(system: System, open_screen: OpenScreen) -> None:
    """Sent to sign in and back, with the language; a booking and its end are there without loading anew."""
    user, patient = somebody_new(system, "patient")
    screen = open_screen("/my?lang=en")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_live()
    assert screen.address == "/my?lang=en"
    screen.wait_read("No appointment ahead")
    booked = patient.done("POST", "/appointments", system.opening().with_dentist(system.account("dentist1").dentist_id))
    screen.wait_shown(booked, "booked")
    screen.assert_accessible()
    system.account("dentist1").done("POST", f"/appointments/{booked['id']}/cancel", {})
    screen.wait_shown(booked, "cancelled")
    screen.wait_read("The practice has cancelled this appointment")
    assert screen.is_marked(booked)
    assert screen.is_the_same


def test_a_mother_sees_her_child_from_the_grant_to_its_end(system: System, open_screen: OpenScreen) -> None:
    """Beside her own, with the child's name, on the page that is open already."""
    family = Family.new(system)
    own, childs = family.book_own(), family.book_for_child()
    screen = open_screen("/my?lang=en")
    screen.sign_in(family.user["email"], NEW_PASSWORD)
    screen.wait_shown({"id": own}, "booked")
    family.grant()
    screen.wait_shown({"id": childs}, "booked")
    screen.wait_read("for Tim")
    later = family.book_for_child()
    screen.wait_shown({"id": later}, "booked")
    family.end()
    screen.page.wait_for(f"document.querySelector('[data-appointment-id=\"{later}\"]') === null", "gone")
    screen.wait_shown({"id": own}, "booked")
    assert screen.is_the_same


def test_what_is_cancelled_by_mistake_is_undone(system: System, open_screen: OpenScreen) -> None:
    """It is asked first, shown at once, and taken back from the message."""
    user, patient = somebody_new(system, "patient")
    booked = patient.done("POST", "/appointments", system.opening().with_dentist(system.account("dentist2").dentist_id))
    screen = open_screen("/my?lang=en")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_shown(booked, "booked")
    screen.press("Cancel")
    screen.page.wait_for("document.querySelector('[role=alertdialog]') !== null", "asked")
    screen.assert_accessible()
    screen.press("Keep it", "[role=alertdialog]")
    screen.wait_shown(booked, "booked")
    screen.press("Cancel")
    screen.press("Cancel the appointment", "[role=alertdialog]")
    screen.wait_shown(booked, "cancelled")
    screen.wait_read("The appointment is cancelled.")
    screen.assert_accessible()
    screen.press("Undo", "body")
    screen.wait_shown(booked, "booked")
    assert patient.get(f"/appointments/{booked['id']}")["status"] == "booked"


def test_a_dentist_receives_a_patient_and_the_patient_sees_it(system: System, open_screen: OpenScreen) -> None:
    """Side by side: arrived, checked in and done by a press each, and taken back by one."""
    (dentist, _), (user, patient) = somebody_new(system, "dentist"), somebody_new(system, "patient")
    visit = a_visit_soon(system, patient, dentist)
    address = f"/dentist?date={day_of(visit)}&lang=en"
    theirs, own = open_screen(address), open_screen("/my?lang=en")
    theirs.sign_in(dentist["email"], NEW_PASSWORD)
    own.sign_in(user["email"], NEW_PASSWORD)
    theirs.wait_shown(visit, "booked")
    # The address has it in whatever order.
    assert {*theirs.address.partition("?")[2].split("&")} == {f"date={day_of(visit)}", "lang=en"}
    own.wait_shown(visit, "booked")
    for move, status in (("Arrived", "arrived"), ("Check in", "checked-in"), ("Done", "fulfilled")):
        theirs.press(move)
        theirs.wait_shown(visit, status)
        own.wait_shown(visit, status)
    assert own.is_marked(visit)
    assert not theirs.is_marked(visit)
    theirs.assert_accessible()
    theirs.press("Undo", "body")
    theirs.wait_shown(visit, "checked-in")
    own.wait_shown(visit, "checked-in")
    assert theirs.is_the_same
    assert own.is_the_same


def test_signing_in_explains_what_is_wrong(system: System, open_screen: OpenScreen) -> None:
    """By the code of the refusal; and it asks for a second factor where the account has one."""
    dentist, session = somebody_new(system, "dentist")
    secret = session.done("POST", "/auth/second-factor", {"password": NEW_PASSWORD})["secret"]
    confirmed = {"password": NEW_PASSWORD, "code": pyotp.TOTP(secret).now()}
    [recovery, *_] = session.done("POST", "/auth/second-factor", confirmed)["recoveryCodes"]
    screen = open_screen("/sign-in?lang=en")
    screen.is_refused = True
    screen.sign_in(dentist["email"], "not-the-password")
    screen.wait_read("The e-mail address or the password is wrong.")
    screen.assert_accessible()
    screen.sign_in(dentist["email"], NEW_PASSWORD)
    screen.page.wait_for("document.querySelector('input[name=code]') !== null", "asked for a code")
    screen.assert_accessible()
    screen.page.fill("input[name=code]", "000000")
    screen.press("Sign in", "form")
    screen.wait_read("That code does not fit.")
    screen.page.fill("input[name=code]", recovery)
    screen.press("Sign in", "form")
    screen.wait_live()
    assert screen.address == "/dentist?lang=en"


def test_a_wrong_role_is_led_to_its_own_page(open_screen: OpenScreen) -> None:
    """With a sentence, in the language of the address."""
    screen = open_screen("/dentist?lang=de")
    screen.page.wait_for("document.title === 'Anmelden · Dental Sync'", "in German")
    screen.page.wait_for("document.querySelector('input[name=email]') !== null", "asked to sign in")
    screen.page.fill("input[name=email]", "patient3@demo.test")
    screen.page.fill("input[name=password]", PASSWORD)
    screen.press("Anmelden", "form")
    screen.wait_live()
    assert screen.address == "/my?lang=de"
    assert (
        screen.page.evaluate("document.title + ' ' + document.documentElement.lang") == "Meine Termine · Dental Sync de"
    )
    screen.wait_read("Jene Seite ist für Zahnärzte.")
    screen.assert_accessible()


def test_the_first_page_shows_the_way(open_screen: OpenScreen) -> None:
    """To everybody, at the width of a phone and of a wall; in demo mode one press enters as a demo account."""
    screen = open_screen("/?lang=en")
    screen.wait_read("Try it with a demo practice")
    screen.assert_accessible()
    for width in (320, 2560):
        screen.page.resize(width)
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    screen.page.click("button[aria-label='Enter as Mia Schmidt']")
    screen.wait_live()
    assert screen.address == "/my?lang=en"
    screen.press("Sign out", "header")
    screen.wait_read("Try it with a demo practice")
    assert screen.address == "/?lang=en"


def test_who_was_signed_out_elsewhere_is_told_so(system: System, open_screen: OpenScreen) -> None:
    """The page is left, and signing in comes back to it."""
    user, _ = somebody_new(system, "patient")
    screen = open_screen("/my?lang=en")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_live()
    screen.is_refused = True
    system.account("admin").done("PATCH", f"/users/{user['id']}", {"password": f"{NEW_PASSWORD}-now"})
    screen.wait_read("You were signed out")
    screen.assert_accessible()
    screen.sign_in(user["email"], f"{NEW_PASSWORD}-now")
    screen.wait_live()
    assert screen.address == "/my?lang=en"


def test_a_page_outlives_its_tokens(hasty: System, browser: Browser) -> None:
    """It renews them, in calls and on the open socket, and is live all the time."""
    screen = Screen(browser, f"{browser.road(hasty).url}/my?lang=en")
    screen.sign_in("patient2@demo.test", PASSWORD)
    screen.wait_live()
    renewed = "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/auth/refresh')).length"
    screen.page.wait_for(f"{renewed} >= 2", "renewing")
    patient = Account.sign_in(hasty.ports, "patient2@demo.test", PASSWORD)
    dentist = patient.get("/dentists")["items"][0]["id"]
    booked = patient.done("POST", "/appointments", hasty.opening().with_dentist(dentist))
    screen.wait_shown(booked, "booked")
    assert screen.is_the_same
    screen.assert_quiet()


def test_a_page_that_is_offline_says_as_of_when_it_is_true(
    browser: Browser, system: System, open_screen: OpenScreen
) -> None:
    """What was seen stays, and is complete again by itself."""
    user, patient = somebody_new(system, "patient")
    screen = open_screen("/my?lang=en")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_live()
    screen.is_refused = True
    browser.set_offline(True)
    screen.page.wait_for("document.querySelector('[data-sync-state=offline]') !== null", "offline")
    screen.wait_read("Offline, as of ")
    booked = patient.done("POST", "/appointments", system.opening().with_dentist(system.account("dentist1").dentist_id))
    browser.set_offline(False)
    screen.wait_shown(booked, "booked")
    screen.wait_live()
    assert screen.is_the_same


def test_the_pages_work_below_a_path(start_system: StartSystem, browser: Browser) -> None:
    """Signing in, live messages and links, with nothing beside the path served."""
    system = start_system(TRUSTED_PROXIES="1")
    with proxy(system.ports[0]) as address:
        screen = Screen(browser, f"{address}/my?lang=en")
        screen.sign_in("patient1@demo.test", PASSWORD)
        screen.wait_live()
        assert screen.address == f"{PATH}/my?lang=en"
        patient = system.account("patient1")
        booking = system.opening().with_dentist(system.account("dentist1").dentist_id)
        screen.wait_shown(patient.done("POST", "/appointments", booking), "booked")
        screen.page.click("header a")
        screen.wait_read("One diary")
        assert screen.address == f"{PATH}/?lang=en"
        screen.assert_quiet()
