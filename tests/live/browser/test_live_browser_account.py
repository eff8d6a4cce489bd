"""`/account` in Chromium: what somebody changes about the own account, whatever its role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest

from ..families import Family
from ..rest import call
from ..system import System
from ..witnesses import NEW_PASSWORD, somebody_new
from .browser import Browser
from .screens import Screen

OpenAccount = Callable[[dict[str, Any]], Screen]
ANOTHER_PASSWORD = "another-as-good"
ROWS = "document.querySelectorAll('[data-current], [data-current] ~ li').length"


@pytest.fixture
def open_account(browser: Browser, system: System) -> Iterator[OpenAccount]:
    """Sign somebody in and open the account's page; its console stays empty."""
    opened: list[Screen] = []

    def open_one(user: dict[str, Any]) -> Screen:
        screen = Screen(browser, f"{browser.road(system).url}/account?lang=en")
        opened.append(screen)
        screen.sign_in(user["email"], NEW_PASSWORD)
        screen.page.wait_for("document.querySelector('[data-current]') !== null", "the sign-ins shown")
        assert screen.address == "/account?lang=en"
        return screen

    yield open_one
    for screen in opened:
        screen.assert_quiet()


def unfold(screen: Screen, summary: str) -> None:
    """Open what lies behind a line."""
    screen.page.click(f"summary:has-text('{summary}')")


def test_a_mother_keeps_her_own_data_true_and_has_all_of_them_as_a_file(
    system: System, open_account: OpenAccount
) -> None:
    """Name and phone reach the practice; she downloads her child's data, ends a sign-in, and stops acting."""
    family = Family.new(system)
    family.grant()
    screen = open_account(family.user)
    screen.wait_read("Tim")
    screen.assert_accessible()
    for width in (320, 2560, 1280):
        screen.page.resize(width)
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    screen.page.fill("input[name=name]", "Ada Brandt")
    screen.page.fill("input[name=phone]", "030 123456")
    screen.press("Save")
    screen.page.wait_for("document.querySelector('header').innerText.includes('Ada Brandt')", "with the other name")
    record = system.account("desk").get(f"/patients/{family.user['patientId']}")
    assert (record["name"], record["phone"]) == ("Ada Brandt", "030 123456")
    screen.page.click("button[aria-label='Download the data of Tim']")
    screen.wait_read("The file is with your downloads")
    screen.press("Make an address")
    address = screen.page.wait_for("document.querySelector('[data-feed]')?.innerText", "an address shown")
    assert address.endswith(".ics")
    screen.assert_accessible()
    assert screen.page.evaluate(ROWS) > 1
    screen.press("Sign out everywhere else")
    screen.page.wait_for(f"{ROWS} === 1", "signed out everywhere else")
    screen.page.click("button[aria-label='Stop booking for Tim']")
    screen.press("Stop", "[role=alertdialog]")
    screen.page.wait_for(
        f"document.querySelector('[data-patient-id=\"{family.child}\"]') === null", "not acting any more"
    )
    assert system.account("desk").get(f"/patients/{family.child}/guardians")["items"] == []


def test_a_dentist_sets_up_a_second_factor_and_another_password(system: System, open_account: OpenAccount) -> None:
    """With the codes of an app, by which the next sign-in works; a wrong password is said as such."""
    dentist, _ = somebody_new(system, "dentist")
    screen = open_account(dentist)
    screen.is_refused = True
    unfold(screen, "Change the password")
    screen.page.fill("input[name=current]", "not-the-password")
    screen.page.fill("details[open] input[name=password]", ANOTHER_PASSWORD)
    screen.press("Set the password")
    screen.wait_read("The password is wrong.")
    screen.assert_accessible()
    screen.page.fill("input[name=current]", NEW_PASSWORD)
    screen.press("Set the password")
    screen.wait_read("The password is set.")
    unfold(screen, "Set up a second factor")
    screen.page.fill("details[open] input[name=password]", ANOTHER_PASSWORD)
    screen.press("Go on")
    secret = screen.page.wait_for("document.querySelector('[data-secret]')?.innerText", "a secret shown")
    screen.page.wait_for("document.querySelector('svg[role=img] path')?.getAttribute('d')", "drawn for a camera")
    screen.assert_accessible()
    screen.page.fill("details[open] input[name=code]", pyotp.TOTP(secret).now())
    screen.press("Set it up")
    codes = screen.page.wait_for(
        "[...document.querySelectorAll('[aria-label=\"Recovery codes\"] li')].map((code) => code.innerText)", "codes"
    )
    screen.assert_accessible()
    screen.press("I have kept them")
    screen.wait_read("Recovery codes left: 10.")
    login = {"email": dentist["email"], "password": ANOTHER_PASSWORD}
    answers = [call(system.ports[0], "POST", "/api/auth/login", {**login, **more}) for more in ({}, {"code": codes[0]})]
    assert [answer.status for answer in answers] == [401, 200]
    unfold(screen, "Take the second factor away")
    screen.page.fill("details[open] input[name=password]", ANOTHER_PASSWORD)
    screen.page.fill("details[open] input[name=code]", codes[1])
    screen.press("Take it away")
    screen.wait_read("Set up a second factor")
