"""The story of a family: from a call to one account for three, told by pages that stay open while processes die."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers
from tests.mail_server import MailServer

from ..conftest import assert_no_complaints, running_system
from ..families import TOLD_WITHIN_SECONDS
from ..rest import Account, call
from ..system import System, wait_until
from ..witnesses import NEW_PASSWORD, booking, operate, somebody_new, wait_applied
from .front_end import FrontEnd, Open

ADDRESS = "ada.brandt@live.test"
TIM, LEA = "Tim Brandt", "Lea Brandt"
CODE = r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}"
PATIENCE_SECONDS = 20.0


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """One that listens."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def system(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer
) -> Iterator[System]:
    """Two web processes, the worker, and the housekeeper, which sends mails."""
    settings = {"MAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"}
    with running_system(servers, template, tmp_path_factory.mktemp("family"), settings) as running:
        yield running
        assert_no_complaints(running)


def test_the_story_of_a_family(system: System, mail_server: MailServer, open_front_end: Open) -> None:
    """Nobody sees a day too long, nothing is told twice, and no mail is lost, whoever dies in between."""
    mails = _Mails(system, mail_server)
    story = _Story(system, mails, open_front_end)
    story.a_caller_becomes_an_account()
    story.a_mother_books_for_two_children_at_one_time()
    seen = story.a_grandmother_acts_for_a_while()
    story.double_records_are_merged_and_parted()
    reminded = story.a_reminder_is_confirmed_by_its_link()
    story.everything_is_exported(reminded)
    story.a_child_is_erased()
    assert _created(story.grandmother) == [seen]
    assert len(_created(story.page)) == len(set(_created(story.page)))
    mails.assert_none_is_lost()


class _Story:
    """A system, and the people in it: `page` is the mother's, which stays open all the time."""

    def __init__(self, system: System, mails: _Mails, open_front_end: Open) -> None:
        self.system = system
        self.mails = mails
        self.open_front_end = open_front_end
        self.desk = system.account("desk")
        self.record = self.desk.done("POST", "/patients", {"name": "Ada Brandt", "email": ADDRESS})["id"]
        self.tim, self.lea = (self.desk.done("POST", "/patients", {"name": name})["id"] for name in (TIM, LEA))

    def book(self, patient: str) -> dict[str, Any]:
        """The desk books for somebody."""
        booked: dict[str, Any] = self.desk.done("POST", "/appointments", {**booking(self.system), "patientId": patient})
        return booked

    def a_caller_becomes_an_account(self) -> None:
        """The mail server is away when she calls, and the housekeeper dies; her code is mailed all the same."""
        self.mails.server.stop()
        by_phone = self.book(self.record)
        self.desk.done("POST", f"/patients/{self.record}/invitation", {})
        self.system.housekeeper.kill()
        self.mails.server.start()
        self.system.housekeeper.start()
        code = next(found[0] for mail in self.mails.wait_for(2) if (found := re.findall(CODE, mail)))
        new = {"email": ADDRESS, "password": NEW_PASSWORD, "name": "A. Brandt", "invitation": code}
        registered = call(self.system.ports[0], "POST", "/api/auth/register", new)
        assert registered.status == 201, registered
        self.ada = Account.sign_in(self.system.ports, ADDRESS, NEW_PASSWORD)
        assert (self.ada.user["patientId"], self.ada.user["name"]) == (self.record, "Ada Brandt")
        assert [one["id"] for one in self.ada.get("/appointments")["items"]] == [by_phone["id"]]
        self.page = self.open_page(ADDRESS)

    def a_mother_books_for_two_children_at_one_time(self) -> None:
        """Her page follows both from the grant on."""
        for child in (self.tim, self.lea):
            wish = {"userId": self.ada.user["id"], "relation": "mother"}
            self.desk.done("POST", f"/patients/{child}/guardians", wish)
        self.wait_followed(self.record, self.tim, self.lea)
        opening = self.system.opening()
        for child, dentist in ((self.tim, "dentist1"), (self.lea, "dentist2")):
            body = {**opening.with_dentist(self.system.account(dentist).dentist_id), "patientId": child}
            self.page.wait_created("own", self.ada.done("POST", "/appointments", body))

    def a_grandmother_acts_for_a_while(self) -> str:
        """A web process dies meanwhile; gives what she saw, which is all that she may."""
        user, _ = somebody_new(self.system, "patient")
        self.grandmother = self.open_page(user["email"])
        grants = f"/patients/{self.tim}/guardians"
        self.desk.done("POST", grants, {"userId": user["id"], "relation": "grandmother"})
        _wait_resync(self.grandmother, f"appointments:patient:{self.tim}", "granted")
        self.system.web[0].kill()
        self.system.start()
        seen = self.book(self.tim)
        for each in (self.page, self.grandmother):
            each.wait_created("own", seen)
        self.desk.done("DELETE", f"{grants}/{user['id']}")
        _wait_resync(self.grandmother, f"appointments:patient:{self.tim}", "ended")
        self.page.wait_created("own", self.book(self.tim))
        told: str = seen["id"]
        return told

    def double_records_are_merged_and_parted(self) -> None:
        """The worker dies before it has booked for the second record."""
        double = self.desk.done("POST", "/patients", {"name": "Brandt, Ada"})["id"]
        self.system.worker.kill()
        body = {**booking(self.system), "patientId": double}
        accepted = self.desk.call("POST", "/appointments", body, Prefer="respond-async")
        self.system.worker.start()
        booked = {"id": wait_applied(self.desk, accepted)["appointmentId"]}
        merge = self.desk.done("POST", f"/patients/{double}/merge", {"into": self.record})
        self.page.wait_created("own", booked)
        self.desk.done("POST", f"/patients/merges/{merge['id']}/undo", {})
        self.page.wait_told("own", "deleted", lambda told: told == booked["id"])

    def a_reminder_is_confirmed_by_its_link(self) -> str:
        """Without signing in, and by whoever opens it no sooner than it is answered; gives the appointment."""
        starts_at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=20)
        with self.system.owner() as cursor:
            cursor.execute("DELETE FROM appointments WHERE starts_at < %s", [starts_at + timedelta(hours=9)])
            cursor.execute(
                """INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at, created_at)
                VALUES (%s, %s, %s, %s, now() - interval '9 days') RETURNING id""",
                [
                    self.tim,
                    self.system.account("dentist1").dentist_id,
                    starts_at,
                    starts_at + timedelta(minutes=30),
                ],
            )
            tomorrow = str((cursor.fetchone() or ())[0])
        operate(self.system, "celery", "-q", "-A", "celery_worker", "call", "remind", "--queue", "writes")
        # Before it an invitation, and what the desk has booked: her own appointment, and two of Tim's, of which one was
        # told to the grandmother too.
        [reminder] = [mail for mail in self.mails.wait_for(6) if "/reminder/" in mail]
        link, _ = re.findall(r"http://127\.0\.0\.1:\d+(/reminder/\S+)", reminder)
        assert call(self.system.ports[0], "GET", link).status == 200
        assert self.desk.get(f"/appointments/{tomorrow}")["confirmation"] == "reminded"
        assert call(self.system.ports[1], "POST", link).status == 200
        self.page.wait_told(
            "own", "updated", lambda told: (told["id"], told["confirmation"]) == (tomorrow, "confirmed")
        )
        return tomorrow

    def everything_is_exported(self, appointment: str) -> None:
        """She is given what the practice has of her child."""
        with zipfile.ZipFile(io.BytesIO(self.ada.get(f"/patients/{self.tim}/export"))) as archive:
            [data] = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".json")]
        assert TIM in data
        assert appointment in data

    def a_child_is_erased(self) -> None:
        """Once nothing of hers is open; then her name is nowhere, and her mother does not act for her any more."""
        admin = self.system.account("admin")
        refused = admin.call("POST", f"/patients/{self.lea}/erase", {})
        assert (refused.status, refused.code) == (409, "bookings-in-the-way")
        for appointment in refused.body["appointments"]:
            self.ada.done("POST", f"/appointments/{appointment}/cancel", {})
        admin.done("POST", f"/patients/{self.lea}/erase", {})
        self.wait_followed(self.record, self.tim)
        assert self.system.ask("SELECT count(*) FROM sync_events WHERE payload::text LIKE %s", f"%{LEA}%") == 0

    def open_page(self, email: str) -> FrontEnd:
        """Somebody opens a page that follows all of their own."""
        page = self.open_front_end(self.system, email, NEW_PASSWORD, hearsResync=True)
        page.subscribe("own", "subscribeToOwnAppointments")
        page.wait_live()
        return page

    def wait_followed(self, *patients: str) -> None:
        """Wait until the mother's page follows these, without having been told to.

        While it catches up, what happens is in the list that it is told to fetch.
        """

        def followed() -> tuple[str, set[str]]:
            described = self.page.describe()
            [subscription] = described["subscriptions"]
            return described["status"], set(subscription["channelNames"])

        wanted = "live", {f"appointments:patient:{patient}" for patient in patients}
        wait_until(lambda: followed() == wanted, TOLD_WITHIN_SECONDS, lambda: f"she follows {followed()}")


class _Mails:
    """What the mail server has taken, and what is in the outbox."""

    def __init__(self, system: System, server: MailServer) -> None:
        self._system = system
        self.server = server

    def wait_for(self, count: int) -> list[str]:
        """Let none wait for its next try, until so many were taken; gives their plain texts."""

        def taken() -> bool:
            with self._system.owner() as cursor:
                cursor.execute("UPDATE mails SET due_at = clock_timestamp() WHERE settled_at IS NULL AND attempts > 0")
            return len(self.server.taken) >= count

        wait_until(taken, PATIENCE_SECONDS, lambda: f"{len(self.server.taken)} of {count} mails were taken")
        return [part.get_content() for mail in self.server.taken if (part := mail.get_body(("plain",))) is not None]

    def assert_none_is_lost(self) -> None:
        """Each that was made was sent, and nobody is left waiting."""
        unsent = "SELECT count(*) FROM mails WHERE outcome IS DISTINCT FROM 'sent'"
        wait_until(lambda: self._system.ask(unsent) == 0, PATIENCE_SECONDS, lambda: "mails are still to be sent")
        ids = {str(mail["Message-ID"]) for mail in self.server.taken}
        assert len(ids) == self._system.ask("SELECT count(*) FROM mails")


def _created(page: FrontEnd) -> list[str]:
    return [told["id"] for told in page.told("own", "created")]


def _wait_resync(page: FrontEnd, channel: str, reason: str) -> None:
    page.client.wait_for_record(
        lambda record: record["kind"] == "resync" and (record["channelName"], record["reason"]) == (channel, reason),
        f"{channel} to be {reason}",
        TOLD_WITHIN_SECONDS,
    )
