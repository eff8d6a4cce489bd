"""The page of a demo practice on which a patient, a dentist and the front desk are side by side, in Chromium."""

from __future__ import annotations

import json
from typing import Any

from dental_sync.records.demo import PASSWORD

from ..system import System
from .browser import Browser
from .screens import Screen


def in_frame(who: str, selector: str) -> str:
    """The expression for what a frame shows there."""
    return f"document.querySelector('iframe[name={who}]').contentDocument.querySelector({json.dumps(selector)})"


def play(screen: Screen, story: str, report: str) -> Any:
    """Press the button of a story, and wait for its report."""
    screen.page.wait_for(f"!document.querySelector('[data-story={story}]').disabled", f"ready for {story}")
    screen.page.click(f"[data-story={story}]")
    screen.page.wait_for(f"document.querySelector('[data-report={report}]') !== null", report)


def ids(screen: Screen, who: str) -> set[str]:
    """The appointments that a frame shows."""
    document = f"document.querySelector('iframe[name={who}]').contentDocument"
    shown = f"[...{document}.querySelectorAll('[data-appointment-id]')].map(({{ dataset }}) => dataset.appointmentId)"
    return set(screen.page.evaluate(shown))


def test_a_booking_on_one_of_three_screens_moves_the_others(system: System, browser: Browser) -> None:
    """From the first page on: booked, taken twice, cut off and brought back; who looks on stays who they were."""
    screen = Screen(browser, f"{browser.road(system).url}/?lang=en")
    screen.page.click("main a:has-text('See it on three screens')")
    screen.page.wait_for("document.querySelector('[data-story=book]:enabled') !== null", "ready")
    screen.assert_accessible()
    before = {who: ids(screen, who) for who in ("patient", "dentist", "desk")}

    play(screen, "book", "booked")
    [booked] = ids(screen, "patient") - before["patient"]
    assert all(booked in ids(screen, who) for who in ("dentist", "desk"))
    screen.wait_read("At the front desk after ")

    screen.is_refused = True
    play(screen, "twice", "raced")
    screen.wait_read("The time has been taken meanwhile.")
    screen.assert_accessible()
    offered = screen.page.evaluate("({ ...document.querySelector('[data-report=raced] [data-slot]').dataset })")
    screen.page.click("[data-report=raced] [data-slot]")
    screen.page.wait_for("document.querySelector('[data-report=booked]') !== null", "taken instead")
    of_dentist = f"/appointments?from={offered['slot']}&dentistId={offered['dentistId']}"
    assert system.account("desk").get(of_dentist)["items"][0]["startsAt"] == offered["slot"]

    known = ids(screen, "patient")
    play(screen, "cut", "cut")
    screen.wait_read("The dentist's screen does not know it")
    assert screen.page.evaluate(f"{in_frame('dentist', '[data-sync-state]')}.dataset.syncState") == "offline"
    assert screen.page.evaluate(f"{in_frame('dentist', '[data-sync-state]')}.innerText").startswith("Offline, as of ")
    [missed] = ids(screen, "patient") - known
    assert [missed in ids(screen, who) for who in ("dentist", "desk")] == [False, True]
    play(screen, "back", "back")
    assert missed in ids(screen, "dentist")
    assert screen.page.evaluate(f"{in_frame('dentist', '[data-sync-state]')}.dataset.syncState") == "live"

    for width in (320, 2560):
        screen.page.resize(width)
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    assert screen.is_the_same
    # Who looks on has signed in nowhere; a session of their own stays beside those of the frames.
    screen.page.go(screen.page.evaluate("location.origin") + "/my?lang=en")
    screen.sign_in("patient3@demo.test", PASSWORD)
    screen.wait_live()
    screen.page.go(screen.page.evaluate("location.origin") + "/demo?lang=en")
    screen.page.wait_for("document.querySelector('[data-story=book]:enabled') !== null", "ready")
    assert "Lina Hoffmann" in screen.page.text("header")
    screen.wait_read("Patient: Mia Schmidt")
    screen.assert_quiet()
