"""The pages to which mails and slips of paper link, in Chromium, with the links of real mails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers

from ..conftest import assert_no_complaints, running_system
from ..system import System, wait_until
from ..witnesses import NEW_PASSWORD, booking, somebody_new
from .browser import Browser
from .screens import Screen

# Pages are reached by roads, whose addresses nobody knows before: of a link counts what follows this.
PUBLIC = "https://practice.example"
CODE = "(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}"
WRONG_CODE = "0000-0000-0000-0000"
MAIL_SECONDS = 20.0
ANOTHER_PASSWORD = "another-as-good"


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that they are sent to."""
    return tmp_path_factory.mktemp("mails")


@pytest.fixture(scope="module")
def own_system(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory, mails: Path
) -> Iterator[System]:
    """One that sends mails, and waits for a write as short as can be."""
    settings = {"MAIL_URL": f"file:{mails}", "PUBLIC_URL": PUBLIC, "WRITE_WAIT_SECONDS": "1"}
    with running_system(servers, template, tmp_path_factory.mktemp("codes"), settings) as running:
        yield running


@pytest.fixture
def system(own_system: System) -> Iterator[System]:
    """The same, in which nothing is logged that must not be."""
    yield own_system
    assert_no_complaints(own_system)


@pytest.fixture
def open_screen(browser: Browser, system: System) -> Iterator[Callable[[str], Screen]]:
    """Open a page in a browser of its own; no code is in its address, and its console stays empty."""
    opened: list[Screen] = []

    def open_one(path: str) -> Screen:
        opened.append(Screen(browser, browser.road(system).url + path))
        return opened[-1]

    yield open_one
    for screen in opened:
        screen.assert_quiet()


def link_to(mails: Path, address: str) -> str:
    """The link of the only mail with one to an address, once it has come: the path and the code."""
    found: list[str] = []

    def has_come() -> bool:
        for file in mails.glob("*.eml"):
            mail = message_from_bytes(file.read_bytes(), policy=policy.SMTP)
            body = mail.get_body(("plain",))
            if mail["To"] == address and body is not None:
                found.extend(re.findall(rf"{PUBLIC}(/\w+#{CODE})", body.get_content()))
        return bool(found)

    wait_until(has_come, MAIL_SECONDS, lambda: f"no mail to {address}: {[*mails.iterdir()]}")
    [link] = found
    return link


def assert_fits(screen: Screen) -> None:
    """Axe finds nothing, and nothing is wider than a phone or hidden on a wall."""
    screen.assert_accessible()
    for width in (320, 2560, 1280):
        screen.page.resize(width)
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


def assert_without_code(screen: Screen, page: str) -> None:
    """The address bar has the page alone."""
    assert screen.page.evaluate("location.pathname + location.hash") == page


def set_password(screen: Screen, email: str, password: str) -> None:
    """Fill in the form and send it."""
    screen.page.fill("input[name=email]", email)
    screen.page.fill("input[name=password]", password)
    screen.press("Set the password")


def test_a_forgotten_password_is_set_by_the_mails_link(
    system: System, mails: Path, open_screen: Callable[[str], Screen]
) -> None:
    """From "forgotten" to the own appointments; the code is in no address."""
    user, _ = somebody_new(system, "patient")
    screen = open_screen("/sign-in?lang=en")
    screen.page.click("a:has-text('Forgotten your password?')")
    screen.wait_read("Write the address with which you sign in")
    assert screen.address == "/forgotten?lang=en"
    assert_fits(screen)
    screen.page.fill("input[name=email]", user["email"])
    screen.press("Send me a mail")
    screen.wait_read("a mail is on its way to it")
    screen.page.wait_for("document.querySelector('main article') !== null", "shown the mail, as in every demo practice")
    assert_fits(screen)
    mailed = open_screen(link_to(mails, user["email"]))
    mailed.page.wait_for("document.querySelector('input[name=password]') !== null", "asked for a password")
    assert_without_code(mailed, "/password")
    assert mailed.page.evaluate("document.querySelector('input[name=code]')") is None
    mailed.page.fill("input[name=password]", ANOTHER_PASSWORD)
    mailed.press("Show the password")
    assert mailed.page.evaluate("document.querySelector('input[name=password]').type") == "text"
    mailed.press("Hide the password")
    set_password(mailed, user["email"], ANOTHER_PASSWORD)
    mailed.wait_read("The password is set.")
    assert_fits(mailed)
    mailed.page.click("main a:has-text('Sign in')")
    mailed.sign_in(user["email"], ANOTHER_PASSWORD)
    mailed.wait_live()
    assert mailed.address == "/my"
    assert mailed.page.evaluate("sessionStorage.length") == 0


def test_a_wrong_code_is_said_and_can_be_typed_anew(
    system: System, mails: Path, open_screen: Callable[[str], Screen]
) -> None:
    """By who was invited to work here, and has a slip of paper; a password that everybody has is refused too."""
    new = {"email": "invited@live.test", "name": "Somebody", "role": "dentist"}
    system.account("admin").done("POST", "/users", new)
    code = link_to(mails, new["email"]).partition("#")[2]
    screen = open_screen(f"/password?lang=en#{WRONG_CODE}")
    screen.is_refused = True
    screen.page.wait_for("document.querySelector('input[name=password]') !== null", "asked for a password")
    set_password(screen, new["email"], NEW_PASSWORD)
    screen.wait_read("This code is not for this address")
    assert_fits(screen)
    screen.page.fill("input[name=code]", code.lower())
    set_password(screen, new["email"], "password123")
    screen.wait_read("This password is easy to guess.")
    set_password(screen, new["email"], NEW_PASSWORD)
    screen.wait_read("The password is set.")
    assert screen.address == "/password?lang=en"


def test_another_address_is_confirmed_after_signing_in(
    system: System, mails: Path, open_screen: Callable[[str], Screen]
) -> None:
    """By a press; the visit alone changes nothing."""
    user, account = somebody_new(system, "patient")
    address = f"new-{user['email']}"
    assert account.call("POST", "/auth/email", {"email": address, "password": NEW_PASSWORD}).status == 202
    link = link_to(mails, address)
    screen = open_screen(link)
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_read("Once you confirm, this account signs in with")
    assert_without_code(screen, "/address")
    assert_fits(screen)
    assert account.get("/auth/me")["email"] == user["email"]
    screen.press("Confirm the address")
    screen.wait_read(f"You sign in with {address}.")
    assert account.get("/auth/me")["email"] == address
    # The link once more, in the tab that is open: the page begins anew, and asks.
    screen.is_refused = True
    screen.page.evaluate(f"void (location.hash = '{link.partition('#')[2]}')")
    screen.press("Confirm the address")
    screen.wait_read("This code is not known")
    assert_without_code(screen, "/address")
    assert_fits(screen)


def test_an_invitation_lets_an_account_act_for_a_child(system: System, open_screen: Callable[[str], Screen]) -> None:
    """Signed out somebody signs in and is back, with the code."""
    user, _ = somebody_new(system, "patient")
    desk = system.account("desk")
    child = desk.done("POST", "/patients", {"name": "Tim"})["id"]
    visit = desk.done("POST", "/appointments", {**booking(system), "patientId": child})
    invited = desk.done("POST", f"/patients/{child}/invitation", {"as": "guardian", "relation": "mother"})
    screen = open_screen(invited["url"].removeprefix(PUBLIC))
    screen.wait_read("The practice has invited you.")
    assert_without_code(screen, "/invitation")
    assert_fits(screen)
    screen.page.click("main a:has-text('Sign in')")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_read("The code will be used for this account.")
    assert_fits(screen)
    screen.press("Use the code")
    screen.wait_read("The code is accepted.")
    screen.wait_shown(visit, "booked")
    assert screen.address == "/my"


def test_an_invitation_that_takes_long_is_waited_for(
    system: System, mails: Path, open_screen: Callable[[str], Screen]
) -> None:
    """The account's own record is in use, so that the lane merges both: it is told when it has."""
    user, account = somebody_new(system, "patient")
    own = account.done("POST", "/appointments", booking(system))
    desk = system.account("desk")
    record = desk.done("POST", "/patients", {"name": "Somebody", "email": "caller@live.test"})["id"]
    visit = desk.done("POST", "/appointments", {**booking(system), "patientId": record})
    desk.done("POST", f"/patients/{record}/invitation", {})
    screen = open_screen("/my")
    screen.sign_in(user["email"], NEW_PASSWORD)
    screen.wait_shown(own, "booked")
    screen.page.go(screen.page.evaluate("location.origin") + link_to(mails, "caller@live.test"))
    screen.wait_read("The code will be used for this account.")
    system.worker.pause()
    screen.press("Use the code")
    pending = "SELECT count(*) FROM write_requests WHERE action = 'join-by-invitation' AND decided_at IS NULL"
    screen.page.wait_for(
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('/api/writes/'))", "looked up"
    )
    assert system.ask(pending) == 1
    system.worker.resume()
    screen.wait_read("The code is accepted.")
    screen.wait_shown(visit, "booked")
    screen.wait_shown(own, "booked")
    assert account.get("/auth/me")["patientId"] == record


def test_an_account_is_made_with_an_invitation(system: System, open_screen: Callable[[str], Screen]) -> None:
    """The record of who has phoned before becomes the new account's; a code that was used is said at its field."""
    desk = system.account("desk")
    record = desk.done("POST", "/patients", {"name": "Ada Brandt"})["id"]
    visit = desk.done("POST", "/appointments", {**booking(system), "patientId": record})
    path = desk.done("POST", f"/patients/{record}/invitation", {})["url"].removeprefix(PUBLIC)
    first, second = open_screen(path), open_screen(path)
    for number, screen in enumerate((first, second)):
        screen.press("Make an account")
        for name, text in (("name", "Ada"), ("email", f"ada{number}@live.test"), ("password", NEW_PASSWORD)):
            screen.page.fill(f"input[name={name}]", text)
    assert_fits(first)
    first.press("Go on")
    first.wait_shown(visit, "booked")
    first.wait_read("Your account is made.")
    assert first.address == "/my"
    second.is_refused = True
    second.press("Go on")
    second.wait_read("This code is not known, or was used already.")
    assert second.page.evaluate("document.querySelector('input[name=invitation]').value") == path.partition("#")[2]
    assert_fits(second)
