"""The day again in Chromium: an admin goes back to how a day was, sees who changed it, and follows it as it is."""

from __future__ import annotations

import json

from dental_sync.records.demo import DENTISTS, PASSWORD

from ..system import System
from ..witnesses import somebody_new
from .browser import Browser
from .screens import Screen
from .sheets import DaySheet, booked, date_of, two_half_hours

CURRENT = "document.querySelector('[data-position][aria-current]')"
IS_LIVE = "document.querySelector('[data-live]') !== null"
FOCUS_ON_THE_SLIDER = "document.querySelector('input[type=range]').focus()"


def wait_current(screen: Screen, *words: str) -> None:
    """Wait until the change at which the day is shown says these words."""
    screen.page.wait_for(
        f"{json.dumps(words)}.every((each) => {CURRENT}?.innerText.includes(each))", f"at the change of {words}"
    )


def test_a_booking_that_was_moved_twice_is_seen_where_it_was_and_whose_doing_it_is(
    system: System, browser: Browser
) -> None:
    """By keys and by the list, at the position of the address, and live again, where the next change appears."""
    first, second = two_half_hours(system)
    _, patient = somebody_new(system, "patient")
    desk, dentist = system.account("desk"), system.account("dentist1")
    appointment = booked(system, patient, first)
    path = f"/appointments/{appointment['id']}"
    desk.done("PATCH", path, {"startsAt": second})
    screen = Screen(browser, f"{browser.road(system).url}/admin?view=day&date={date_of(first)}&lang=en")
    screen.sign_in("admin@demo.test", PASSWORD)
    screen.wait_live()
    sheet = DaySheet(screen)
    sheet.wait_at(appointment, second, 0)
    # What happens while somebody looks.
    dentist.done("PATCH", path, {"startsAt": first, "reason": "As it was."})
    sheet.wait_at(appointment, first, 0)
    assert screen.page.evaluate(IS_LIVE)
    screen.assert_accessible()

    screen.page.evaluate(FOCUS_ON_THE_SLIDER)
    screen.page.press("ArrowLeft")
    sheet.wait_at(appointment, second, 0)
    wait_current(screen, "Moved", "Reception", appointment["patientName"])
    assert not screen.page.evaluate(IS_LIVE)
    moment = screen.page.evaluate("document.querySelector('[data-moment]').innerText")
    assert screen.page.evaluate("document.activeElement.getAttribute('aria-valuetext')") == moment
    screen.assert_accessible()
    screen.page.press("ArrowLeft")
    sheet.wait_at(appointment, first, 0)
    wait_current(screen, "Booked", appointment["patientName"])
    booked_at = screen.page.evaluate(f"{CURRENT}.dataset.position")
    screen.page.press("ArrowLeft")
    screen.page.wait_for(
        f"document.querySelector('[data-appointment-id=\"{appointment['id']}\"]') === null", "not yet there"
    )

    screen.page.click(f"[data-position='{booked_at}'] button")
    sheet.wait_at(appointment, first, 0)
    screen.page.wait_for(f"location.search.includes('at={booked_at}')", "the position in the address")
    screen.page.go(screen.page.evaluate("location.href"))
    sheet.wait_at(appointment, first, 0)
    wait_current(screen, "Booked")
    for width in (320, 2560, 1280):
        screen.page.resize(width)
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    # It plays by itself until it is live.
    screen.page.evaluate(FOCUS_ON_THE_SLIDER)
    screen.page.press(" ")
    wait_current(screen, "Moved", "Reception")
    screen.page.wait_for(IS_LIVE, "live again")
    screen.page.click(f"[data-appointment-id='{appointment['id']}']")
    screen.wait_read("What changed about it")
    last = screen.page.evaluate("document.querySelector('[data-position]').innerText")
    assert DENTISTS[0] in last
    assert "As it was." in last
    assert screen.page.evaluate("document.querySelectorAll('[data-position]').length") == 3
    screen.assert_accessible()
    screen.assert_quiet()
