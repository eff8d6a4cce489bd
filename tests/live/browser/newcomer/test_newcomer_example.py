"""examples/react, by `npm run dev` as its README says, in a browser."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest

from ...system import System, wait_until
from ...witnesses import NEW_PASSWORD, booking, somebody_new
from ..browser import Browser, Page
from .project import EXAMPLE

START_SECONDS = 60
MINE = "[...document.querySelectorAll('ul[aria-label=\"My appointments\"] li')].map((item) => item.innerText)"
FREE = "[...document.querySelectorAll('ul[aria-label=\"Free times\"] button')].map((button) => button.innerText)"


@pytest.fixture
def address(system: System) -> Iterator[str]:
    """Where `npm run dev` serves the page."""
    assert "npm install && npm run dev" in (EXAMPLE / "README.md").read_text()
    said: list[str] = []
    with subprocess.Popen(
        ["npm", "run", "dev", "--", "--port", "0", "--host", "127.0.0.1"],
        cwd=EXAMPLE,
        env={**os.environ, "VITE_DENTAL_SYNC_URL": system.url(), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        reader = threading.Thread(target=said.extend, args=[server.stdout], daemon=True)
        reader.start()
        try:
            found: list[str] = []

            def has_started() -> bool:
                found[:] = re.findall(r"http://127\.0\.0\.1:\d+/", "".join(said))
                return bool(found)

            wait_until(has_started, START_SECONDS, lambda: f"it did not start: {said}")
            yield found[0]
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            reader.join(10)


def signed_in(browser: Browser, address: str, email: str, password: str) -> Page:
    """Open the page and fill in its form."""
    page = browser.open(address)
    page.wait_for("document.querySelector('form') !== null", "a form to sign in", START_SECONDS)
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("form button")
    return page


def test_the_example_shows_the_diary_and_books(system: System, browser: Browser, address: str) -> None:
    """A wrong password is said; then the own appointments, what is free, a booking, and what others do to it."""
    user, patient = somebody_new(system, "patient")
    page = signed_in(browser, address, user["email"], "wrong-password")
    page.wait_for("document.querySelector('[role=alert]').innerText !== ''", "refused")
    page.fill("input[name=password]", NEW_PASSWORD)
    page.click("form button")
    page.wait_for("document.body.innerText.includes('Up to date')", "live")
    page.click("section:last-of-type p button:last-child")
    page.wait_for(f"{FREE}.length > 0", "free times")
    wanted = page.evaluate(FREE)[0]
    page.click('ul[aria-label="Free times"] button')
    page.wait_for(f"{MINE}.length === 1", "booked")
    [mine] = page.evaluate(MINE)
    when, _, dentist = wanted.rpartition(", ")
    assert when in mine
    assert dentist in mine
    page.wait_for("document.querySelector('ul[aria-label=\"My appointments\"] [aria-busy=true]') === null", "answered")
    [booked] = patient.get("/appointments")["items"]
    page.wait_for(f"!{FREE}.includes({json.dumps(wanted)})", "taken")
    # It is another program that moves it.
    patient.done("PATCH", f"/appointments/{booked['id']}", {"startsAt": booking(system)["startsAt"]})
    page.wait_for(f"!{MINE}[0].includes({json.dumps(when)})", "moved")
    page.click('ul[aria-label="My appointments"] button')
    page.wait_for(f"{MINE}.length === 0", "cancelled")
    assert page.errors() == []


def test_the_example_shows_the_practices_time(system: System, browser: Browser, address: str) -> None:
    """By the clock of the practice, not in UTC; and it stays signed in when the page is loaded again."""
    zone = system.account("admin").get("/practice")["timeZone"]
    user, patient = somebody_new(system, "patient")
    booked = patient.done("POST", "/appointments", booking(system))
    page = signed_in(browser, address, user["email"], NEW_PASSWORD)
    page.wait_for(f"{MINE}.length === 1", "shown")
    page.go(address)
    page.wait_for(f"{MINE}.length === 1", "shown again")
    expected = page.evaluate(
        f"new Date({json.dumps(booked['startsAt'])}).toLocaleTimeString([], "
        f"{{ timeStyle: 'short', timeZone: {json.dumps(zone)} }})"
    )
    utc = page.evaluate(
        f"new Date({json.dumps(booked['startsAt'])}).toLocaleTimeString([], {{ timeStyle: 'short', timeZone: 'UTC' }})"
    )
    assert expected != utc
    [mine] = page.evaluate(MINE)
    assert expected in mine
    page.click("header button")
    page.wait_for("document.querySelector('form') !== null", "signed out")
    assert page.errors() == []


def test_its_packages_are_pinned_and_no_host_is_named() -> None:
    """What is installed today is installed tomorrow, from whichever registry; the package is that of this project."""
    made = json.loads((EXAMPLE / "package.json").read_text())
    for name, version in (made["dependencies"] | made["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+|file:\.\./\.\./clients/typescript", version), name
    packages = json.loads((EXAMPLE / "package-lock.json").read_text())["packages"]
    assert {entry["resolved"] for entry in packages.values() if "resolved" in entry} == {"../../clients/typescript"}
    package = json.loads((EXAMPLE / "../../clients/typescript/package.json").read_text())
    for kind in ("dependencies", "devDependencies"):
        assert packages["../../clients/typescript"][kind] == package[kind], f"run `npm install` in {EXAMPLE}"
