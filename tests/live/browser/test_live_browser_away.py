"""Whoever comes back to a page finds it true: after sleep, in a tab that was frozen or hidden, on another network."""

from __future__ import annotations

import time

import pytest

from ..system import System
from .browser import Browser
from .conftest import OpenDiary
from .diary import Person

# Many heartbeats of the shared system, and far less than twice the one of `calm`; more than a busy machine is late.
ASLEEP_SECONDS = 8.0
# A page that was cut off waits so long, or half of it, for its next attempt: longer than a test waits for anything.
PATIENT_MS = 60_000


def test_a_machine_that_slept_has_everything_missed(system: System, browser: Browser, open_diary: OpenDiary) -> None:
    """It slept for longer than heartbeats may be missing, and the server has given it up."""
    person, road = Person(system), browser.road(system)
    diary = open_diary(road, person, backoffMs=PATIENT_MS)
    first = person.books()
    diary.wait_told(first)
    with browser.asleep():
        road.forget()
        person.wait_for_subscriptions(0)
        missed = [person.books() for _ in range(3)]
        time.sleep(ASLEEP_SECONDS)
    diary.wait_told(first, *missed)
    person.wait_for_subscriptions(1)


def test_a_machine_that_napped_does_not_wait_for_a_heartbeat(
    calm: System, browser: Browser, open_diary: OpenDiary
) -> None:
    """Its connection is gone, and nobody says so: the missing heartbeat would, after a minute."""
    person, road = Person(calm), browser.road(calm)
    diary = open_diary(road, person)
    with browser.asleep():
        road.forget()
        missed = person.books()
        time.sleep(ASLEEP_SECONDS)
    diary.wait_told(missed)


def test_a_tab_that_was_frozen_catches_up_when_it_is_thawed(
    calm: System, browser: Browser, open_diary: OpenDiary
) -> None:
    """Nothing runs in it while another tab hears of bookings; thawed it has them all."""
    person, road = Person(calm), browser.road(calm)
    behind, in_front = (open_diary(road, person) for _ in range(2))
    behind.page.set_lifecycle("frozen")
    missed = [person.books() for _ in range(2)]
    in_front.wait_told(*missed)
    assert behind.told() == []
    behind.page.set_lifecycle("active")
    behind.wait_told(*missed)


def test_a_hidden_tab_follows_and_looks_again_when_it_is_shown(
    calm: System, browser: Browser, open_diary: OpenDiary
) -> None:
    """Behind another tab it hears of a booking at once; shown again it notices that its connection is gone."""
    person, road = Person(calm), browser.road(calm)
    diary = open_diary(road, person)
    if not browser.hides_tabs:
        pytest.skip("this Chromium (a headless shell) has no windows: every tab is in front")
    browser.open("about:blank")
    diary.page.wait_for("document.visibilityState === 'hidden'", "hidden")
    heard = person.books()
    diary.wait_told(heard)
    assert diary.visibility == "hidden"
    road.forget()
    missed = person.books()
    diary.page.bring_to_front()
    diary.wait_told(heard, missed)


def test_a_page_says_that_it_is_offline_and_is_live_as_soon_as_the_network_is_back(
    system: System, browser: Browser, open_diary: OpenDiary
) -> None:
    """It shows up to when it is complete, and does not wait for the attempt that would be due in half a minute."""
    person, road = Person(system), browser.road(system)
    diary = open_diary(road, person, backoffMs=PATIENT_MS)
    first = person.books()
    diary.wait_told(first)
    browser.set_offline(True)
    diary.wait_for("offline")
    as_of = diary.as_of
    assert as_of >= first["createdAt"]
    missed = [person.books() for _ in range(2)]
    assert missed[0]["createdAt"] > as_of
    assert (diary.status, diary.as_of, diary.told()) == ("offline", as_of, [first["id"]])
    browser.set_offline(False)
    diary.wait_told(first, *missed)
    assert diary.as_of > as_of
