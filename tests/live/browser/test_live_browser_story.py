"""Three windows at once, whatever fails; the page to book on another site; and how the pages look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records.demo import PASSWORD, TIME_ZONE

from ..conftest import assert_no_complaints, running_system
from ..system import System
from .browser import Browser
from .days import make_day
from .elsewhere import Elsewhere
from .pictures import FOLDER, PICTURES, difference, take
from .screens import Screen, violations
from .sheets import DaySheet, date_of, two_half_hours


@pytest.fixture(scope="module")
def site() -> Iterator[Elsewhere]:
    """The only site that may show the page to book."""
    with Elsewhere.running() as running:
        yield running


@pytest.fixture(scope="module")
def practice(
    servers: TemporaryServers, template: str, site: Elsewhere, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """A system for this file, whose processes may be killed."""
    settings = {"FRAME_ANCESTORS": site.origin}
    with running_system(servers, template, tmp_path_factory.mktemp("story"), settings) as running:
        yield running
        assert_no_complaints(running)


def window(practice: System, browser: Browser, path: str, **asked: str) -> Screen:
    """A window of its own, with a session of its own, whose network may fail."""
    screen = Screen(browser, f"{browser.road(practice).url}{path}?{urlencode({'lang': 'en', **asked})}")
    screen.is_refused = True
    return screen


def clock(instant: str) -> str:
    """The time of day in the practice."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(TIME_ZONE)).strftime("%H:%M")


def test_three_windows_follow_each_other_whatever_fails_in_between(practice: System, browser: Browser) -> None:
    """A booking is everywhere at once; so is what the desk moves while the worker, a web process or Redis is away."""
    first, second = two_half_hours(practice)
    date = date_of(first)
    dentist = window(practice, browser, "/dentist", date=date)
    dentist.sign_in("dentist1@demo.test", PASSWORD)
    desk = window(practice, browser, "/desk", date=date)
    desk.sign_in("desk@demo.test", PASSWORD)
    patient = window(practice, browser, "/book", date=date, dentist=practice.account("dentist1").dentist_id)
    windows = (patient, dentist, desk)
    for screen in windows:
        screen.wait_live()

    patient.page.click(f'[data-slot="{first}"]')
    patient.press("Use your account")
    patient.sign_in("patient1@demo.test", PASSWORD)
    patient.page.wait_for("document.querySelector('[role=timer]') !== null", "held")
    patient.press("Book this time", "form")
    patient.wait_read("It is booked")
    booked = {"id": patient.page.evaluate("document.querySelector('[data-appointment-id]').dataset.appointmentId")}
    for screen in windows:
        screen.wait_shown(booked, "booked")
    assert [screen.is_marked(booked) for screen in (dentist, desk)] == [True, True]

    def move(key: str) -> None:
        sheet.focus(booked)
        desk.page.bring_to_front()
        for pressed in ("Enter", key, key, "Enter"):
            desk.page.press(pressed)

    def wait_moved(starts_at: str) -> None:
        sheet.wait_at(booked, starts_at, 0)
        for screen in (patient, dentist):
            shown = f"document.querySelector('[data-appointment-id=\"{booked['id']}\"]').innerText"
            screen.page.wait_for(f"{shown}.includes('{clock(starts_at)}')", f"at {clock(starts_at)}")

    sheet = DaySheet(desk)
    practice.worker.kill()
    move("ArrowDown")
    desk.page.wait_for("document.querySelector('[data-pending-write]') !== null", "shown at once")
    practice.worker.start()
    wait_moved(second)

    practice.web[0].kill()
    for screen in windows:
        screen.page.wait_for("document.querySelector('[data-sync-state=offline]') !== null", "offline")
    practice.web[0].start()
    practice.wait_until_healthy()
    for screen in windows:
        screen.wait_live()
    move("ArrowUp")
    wait_moved(first)

    practice.redis.kill()
    move("ArrowDown")
    practice.redis.start()
    wait_moved(second)
    for screen in windows:
        screen.wait_live()
        assert screen.is_the_same
        screen.assert_quiet()


EMBEDDED = """<!doctype html><html lang="en"><title>A clinic</title><main><h1>A clinic</h1>
<script async src="{url}/embed.js" data-treatment="{treatment}"></script></main></html>"""


def test_another_site_shows_the_page_to_book_as_high_as_it_is(
    practice: System, browser: Browser, site: Elsewhere
) -> None:
    """By one script; who signs in there is signed in there alone, and no other page can be shown so."""
    url = browser.road(practice).url
    treatments = practice.account("desk").get("/treatments")["items"]
    [cleaning] = [each["id"] for each in treatments if each["name"] == "Cleaning"]
    site.page = EMBEDDED.format(url=url, treatment=cleaning)
    clinic = Screen(browser, site.origin)
    frame = clinic.page.frame("iframe")
    frame.wait_for("document.querySelector('[data-slot]') !== null", "showing free times")
    assert frame.text("[aria-pressed=true], option:checked, label:has(:checked)").startswith("Cleaning")

    def wait_fitting() -> float:
        content = "document.documentElement.getBoundingClientRect().height"
        frame.wait_for(f"Math.abs(innerHeight - {content}) < 2", "as high as what is in it")
        return float(frame.evaluate("innerHeight"))

    before = wait_fitting()
    assert violations(frame) == []
    frame.click("main [data-slot]")
    frame.click("main button:has-text('Use your account')")
    frame.wait_for("document.querySelector('input[name=phone]') === null", "asked to sign in")
    assert wait_fitting() < before
    frame.fill("input[name=email]", "patient2@demo.test")
    frame.fill("input[name=password]", PASSWORD)
    frame.click("form button[type=submit]")
    frame.wait_for("document.querySelector('[role=timer]') !== null", "held")
    wait_fitting()
    clinic.assert_quiet()

    own = browser.open(f"{url}/my?lang=en")
    own.wait_for("document.querySelector('input[type=password]') !== null", "signed in nowhere else")
    site.page = f'<!doctype html><title>A trap</title><iframe src="{url}/my"></iframe>'
    trap = browser.open(site.origin)
    trap.wait_for("true", "shown")
    assert any("frame-ancestors" in line for line in trap.console())


@pytest.fixture(scope="module")
def date(practice: System) -> str:
    """A day that is as in the pictures."""
    return make_day(practice)


def picture_of(name: str) -> bytes:
    return (FOLDER / f"{name}.webp").read_bytes()


# Of a narrow page a square of 90 pixels, of a wide one of 180: letters may be drawn a little differently.
MOST = 0.03


@pytest.mark.parametrize("name", PICTURES)
def test_a_page_looks_as_in_its_picture(
    practice: System, browser: Browser, date: str, name: str, tmp_path: Path
) -> None:
    """Seen from afar, and but for what is said of the day. Who changes it on purpose takes the pictures anew."""
    taken, blank = take(browser, practice, PICTURES[name], date), browser.open()
    others = [each for each, picture in PICTURES.items() if picture.size == PICTURES[name].size and each != name]
    assert all(difference(blank, taken, picture_of(other)) > MOST for other in others)
    differing = difference(blank, taken, picture_of(name))
    now = tmp_path / f"{name}.webp"
    now.write_bytes(taken.content)
    assert differing < MOST, f"{now} differs; if it is right: .venv/bin/python -m tests.live.browser.pictures"
