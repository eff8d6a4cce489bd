"""A desk that nobody has touched for an hour is locked, in Chromium; the shared system has that set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from dental_sync.records.demo import PASSWORD

from ..system import System
from ..witnesses import booking
from .browser import Browser
from .screens import Screen

DESK = "desk@demo.test"
# As if nobody had touched it for longer than that.
AN_HOUR_AGO = """Object.keys(localStorage).filter((key) => key.startsWith("dental-sync touched"))
  .forEach((key) => localStorage.setItem(key, String(Date.now() - 3_601_000))); true"""
LOCKED = "document.querySelector('[data-lock] input[name=password]') !== null"


@pytest.fixture
def tabs(browser: Browser, system: System) -> Iterator[list[Screen]]:
    """Two tabs of one browser, at the desk on a day with an appointment."""
    visit = system.account("desk").done(
        "POST", "/appointments", {**booking(system), "patientId": system.account("patient1").patient_id}
    )
    day = datetime.fromisoformat(visit["startsAt"]).date().isoformat()
    address = f"{browser.road(system).url}/desk?lang=en&date={day}"
    first = Screen(browser, address)
    first.is_refused = True
    first.sign_in(DESK, PASSWORD)
    first.wait_shown(visit, "booked")
    second = Screen(browser, address)
    second.is_refused = True
    second.wait_shown(visit, "booked")
    yield [first, second]
    for tab in (first, second):
        tab.assert_quiet()


def unlock(screen: Screen, password: str) -> None:
    """Type a password and send it."""
    screen.page.fill("[data-lock] input[name=password]", password)
    screen.press("Unlock")


def test_a_desk_that_nobody_touches_shows_nothing_until_the_same_person_is_back(
    system: System, tabs: list[Screen]
) -> None:
    """In each of its tabs, over a dialog too; after the password all is as it was, with what happened meanwhile."""
    first, second = tabs
    second.page.press("?")
    second.page.wait_for("document.querySelector('[role=dialog]') !== null", "a dialog open")
    first.page.evaluate(AN_HOUR_AGO)
    for tab in tabs:
        tab.page.wait_for(LOCKED, "locked")
        assert "Mia" not in tab.page.text("body")
        assert tab.page.evaluate("document.querySelector('[data-sheet]').checkVisibility()") is False
    second.assert_accessible()
    new = {**booking(system), "patientId": system.account("patient2").patient_id}
    booked = system.account("desk").done("POST", "/appointments", new)
    second.page.go(second.page.evaluate("location.href"))
    second.page.wait_for(LOCKED, "locked when it is loaded anew")
    unlock(first, "not-the-password")
    first.wait_read("The e-mail address or the password is wrong.")
    unlock(first, PASSWORD)
    for tab in tabs:
        tab.page.wait_for(f"!({LOCKED})", "unlocked")
        tab.wait_shown(booked, "booked")
    assert first.is_the_same


def test_somebody_else_signs_in_at_a_locked_desk(tabs: list[Screen]) -> None:
    """The one before is signed out, and nothing of theirs is shown on the way."""
    first, _ = tabs
    first.page.evaluate(AN_HOUR_AGO)
    first.page.wait_for(LOCKED, "locked")
    first.press("Sign in as somebody else")
    first.page.wait_for("document.querySelector('input[name=email]:not([hidden])') !== null", "asked who")
    first.sign_in("dentist1@demo.test", PASSWORD)
    first.wait_live()
    assert first.address.startswith("/dentist")
