"""Somebody's diary in a page: the page of the folder `diary`, and what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ..system import System, wait_until
from ..witnesses import NEW_PASSWORD, booking, somebody_new
from .browser import WAIT_SECONDS, Browser, Page, Road

FOLDER = Path(__file__).parent / "diary"
Appointment = dict[str, Any]


class Person:
    """A patient of the test's own, who books on one device and looks at the diary on another."""

    def __init__(self, system: System) -> None:
        self.user, self.account = somebody_new(system, "patient")
        self._system = system

    @property
    def channel(self) -> str:
        return f"appointments:patient:{self.account.patient_id}"

    def books(self) -> Appointment:
        """Book whatever is free."""
        booked: Appointment = self.account.done("POST", "/appointments", booking(self._system))
        return booked

    def wait_for_subscriptions(self, count: int) -> None:
        """Wait until the server counts so many of this account's, all of them to its diary."""

        def channels() -> list[str]:
            return [each["channelName"] for each in self.account.get("/sync/status")["subscriptions"]]

        wanted = [self.channel] * count
        wait_until(lambda: channels() == wanted, WAIT_SECONDS, lambda: f"the server still has {channels()}")


class Diary:
    """The page, and what somebody reads there."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    def open(cls, browser: Browser, url: str, road: Road, person: Person, **more: object) -> Diary:
        """Open it in a new tab, and wait until it is live."""
        wanted = {"api": road.url, "email": person.user["email"], "password": NEW_PASSWORD, **more}
        diary = cls(browser.open(f"{url}?{urlencode(wanted)}"))
        diary.wait_for("live")
        return diary

    @property
    def status(self) -> str:
        return self.page.text("#status")

    @property
    def as_of(self) -> str:
        """The instant up to which the page says that it is complete."""
        return str(self.page.evaluate("document.querySelector('#as-of').dateTime"))

    @property
    def visibility(self) -> str:
        return str(self.page.evaluate("document.visibilityState"))

    def wait_for(self, status: str) -> None:
        self.page.wait_for(f"document.querySelector('#status').dataset.status === '{status}'", status)

    def states(self) -> list[str]:
        """The states that it went through."""
        states = "[...document.querySelectorAll('#happened [data-id=\"\"]')].map(({ dataset }) => dataset.what)"
        return list(self.page.evaluate(states))

    def told(self) -> list[str]:
        """The appointments of which the page was told that they were made, in order."""
        told = "[...document.querySelectorAll('#happened [data-what=created]')].map(({ dataset }) => dataset.id)"
        return list(self.page.evaluate(told))

    def wait_told(self, *appointments: Appointment) -> None:
        """Wait until the page was told of the last, and is live: it was told of all, each once and in order."""
        wanted = [appointment["id"] for appointment in appointments]
        last = f"document.querySelector('#happened [data-what=created][data-id=\"{wanted[-1]}\"]')"
        self.page.wait_for(f"{last} !== null", f"told of {wanted[-1]}")
        self.wait_for("live")
        assert self.told() == wanted

    def shows(self, appointment: Appointment) -> bool:
        return bool(
            self.page.evaluate(f"document.querySelector('#appointments [data-id=\"{appointment['id']}\"]') !== null")
        )
