"""What was seen is read without a network, in Chromium, and is gone once its account is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dental_sync.records.demo import PASSWORD

from ..system import System
from ..witnesses import NEW_PASSWORD, booking, somebody_new
from .browser import Browser
from .screens import Screen

OpenScreen = Callable[[str], Screen]
CONTROLLED = "navigator.serviceWorker.controller !== null"
# How much this browser keeps, of whomever.
KEPT = """new Promise((found) => {
  const opening = indexedDB.open("dental-sync seen");
  opening.onupgradeneeded = () => opening.result.createObjectStore("seen", { keyPath: ["account", "name"] });
  opening.onsuccess = () => {
    const database = opening.result;
    const counting = database.transaction("seen").objectStore("seen").count();
    counting.onsuccess = () => { database.close(); found(counting.result); };
  };
})"""
NOTED = "document.querySelector('[data-offline-note]') !== null"


@pytest.fixture
def open_screen(browser: Browser, system: System) -> Iterator[OpenScreen]:
    """Open a page in a browser of its own, which may note what it cannot reach."""
    opened: list[Screen] = []

    def open_one(path: str) -> Screen:
        opened.append(Screen(browser, browser.road(system).url + path))
        opened[-1].is_refused = True
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.assert_quiet()


def wait_kept(screen: Screen) -> None:
    """Wait until something that was seen is kept."""
    screen.page.wait_for(f"{KEPT}.then((kept) => kept > 2)", "what was seen kept")


def test_a_page_that_is_opened_offline_shows_what_was_seen_and_goes_on_by_itself(
    system: System, browser: Browser, open_screen: OpenScreen
) -> None:
    """As of when it was true, without moves; what happened meanwhile is there as soon as the network is."""
    user, patient = somebody_new(system, "patient")
    booked = patient.done("POST", "/appointments", booking(system))
    screen = open_screen("/my?lang=en")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_shown(booked, "booked")
    screen.wait_live()
    wait_kept(screen)
    screen.page.wait_for(CONTROLLED, "the pages kept too")
    browser.set_offline(True)
    screen.page.go(screen.page.evaluate("location.href"))
    screen.wait_shown(booked, "booked")
    screen.page.wait_for("document.querySelector('[data-sync-state=offline]') !== null", "offline")
    screen.wait_read("Offline, as of ")
    screen.page.wait_for(NOTED, "noted")
    moves = "[...document.querySelectorAll('[data-appointment-id] :is(button, a)')]"
    assert screen.page.evaluate(f"{moves}.map((move) => move.matches(':disabled, [aria-disabled=true]'))") == [True] * 2
    screen.assert_accessible()
    system.account("desk").done("POST", f"/appointments/{booked['id']}/cancel", {})
    browser.set_offline(False)
    screen.wait_shown(booked, "cancelled")
    screen.wait_live()
    screen.page.wait_for(f"!({NOTED})", "noted no more")


def test_nothing_stays_of_who_signs_out_or_is_signed_out(system: System, open_screen: OpenScreen) -> None:
    """By a press or by the practice: the device is as if nobody had been there, also when it is opened again."""
    admin = system.account("admin")
    for is_ended_elsewhere in (False, True):
        user, patient = somebody_new(system, "patient")
        patient.done("POST", "/appointments", booking(system))
        screen = open_screen("/my?lang=en")
        screen.sign_in(user["email"], NEW_PASSWORD)
        screen.wait_live()
        wait_kept(screen)
        if is_ended_elsewhere:
            admin.done("PATCH", f"/users/{user['id']}", {"active": False})
            screen.wait_read("You were signed out")
        else:
            screen.press("Sign out", "header")
        screen.page.wait_for(f"{KEPT}.then((kept) => kept === 0)", "all of it gone")


def test_the_front_desk_keeps_nothing_unless_the_practice_has_set_that(open_screen: OpenScreen) -> None:
    """By default nothing that is seen there stays on a device that many use."""
    screen = open_screen("/desk?lang=en")
    screen.sign_in("desk@demo.test", PASSWORD)
    screen.wait_live()
    screen.page.wait_for("document.querySelector('[data-sheet]') !== null", "the day shown")
    screen.page.evaluate("window.shownAt = performance.now()")
    screen.page.wait_for("performance.now() - shownAt > 2000", "shown for longer than writing is put off")
    assert screen.page.evaluate(KEPT) == 0
