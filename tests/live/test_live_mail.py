"""Mails leave real processes for a real mail server, and none is lost whoever is away or dies in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records import demo
from tests.mail_server import MailServer

from .conftest import assert_no_complaints, running_system
from .javascript import Connect
from .rest import Account, call
from .system import System, wait_until
from .witnesses import booking, operate

PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="module")
def own_server() -> Iterator[MailServer]:
    """One that listens."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def own_system(
    servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory, own_server: MailServer
) -> Iterator[System]:
    """Two web processes, the worker and the housekeeper, which sends mails."""
    settings = {"MAIL_URL": f"smtp://127.0.0.1:{own_server.port}"}
    with running_system(servers, template, tmp_path_factory.mktemp("mail"), settings) as running:
        yield running


@pytest.fixture
def system(own_system: System) -> Iterator[System]:
    """The same, in which nothing is logged that must not be."""
    yield own_system
    assert_no_complaints(own_system)


@pytest.fixture
def mail_server(own_server: MailServer) -> MailServer:
    """It has taken nothing yet."""
    own_server.taken.clear()
    return own_server


def book(system: System) -> str:
    """The desk books for patient 1; gives the appointment's id."""
    body = {**booking(system), "patientId": system.account("patient1").patient_id}
    return str(system.account("desk").done("POST", "/appointments", body)["id"])


def wait_taken(server: MailServer, count: int) -> None:
    """Wait until the mail server has taken so many."""
    wait_until(lambda: len(server.taken) >= count, PATIENCE_SECONDS, lambda: f"{len(server.taken)} mails were taken")


def try_now(system: System) -> None:
    """Let no mail wait for its next try."""
    with system.owner() as cursor:
        cursor.execute("UPDATE mails SET due_at = clock_timestamp() WHERE settled_at IS NULL")


def message_ids(server: MailServer) -> list[str]:
    """Of all mails that were taken."""
    return [str(mail["Message-ID"]) for mail in server.taken]


def test_no_mail_is_lost_while_the_server_is_away_and_processes_die(
    system: System, mail_server: MailServer, connect: Connect
) -> None:
    """Each comes once; twice, with one Message-ID, only where the process died between acceptance and note."""
    desk = connect(system, "desk")
    desk.subscribe("appointments:all")
    id_ = book(system)
    wait_taken(mail_server, 1)
    mail_server.stop()
    assert system.account("desk").done("POST", f"/appointments/{id_}/cancel")["status"] == "cancelled"
    wait_until(
        lambda: system.ask("SELECT max(attempts) FROM mails WHERE settled_at IS NULL") >= 1,
        PATIENCE_SECONDS,
        lambda: "nobody has tried to send the mail",
    )
    system.housekeeper.kill()
    # Nobody sends, and bookings go on.
    system.worker.kill()
    system.worker.start()
    book(system)
    mail_server.start()
    try_now(system)
    system.housekeeper.start()
    wait_taken(mail_server, 3)
    # Now it dies while the server is about to say that it has taken one.
    mail_server.may_answer.clear()
    book(system)
    wait_taken(mail_server, 4)
    desk.forget()
    desk.wait_for_event("heartbeat", seconds=PATIENCE_SECONDS)
    system.housekeeper.kill()
    mail_server.may_answer.set()
    try_now(system)
    system.housekeeper.start()
    wait_taken(mail_server, 5)
    wait_until(
        lambda: system.ask("SELECT count(*) FROM mails WHERE settled_at IS NULL") == 0,
        PATIENCE_SECONDS,
        lambda: "a mail is still to be sent",
    )
    sent = message_ids(mail_server)
    assert len(set(sent[:4])) == 4
    assert set(sent[4:]) == {sent[3]}
    assert system.ask("SELECT count(*) FROM mails WHERE recipient IS NOT NULL OR outcome <> 'sent'") == 0


def test_a_reminder_is_confirmed_by_its_link_on_another_process(system: System, mail_server: MailServer) -> None:
    """Once, although the worker dies after it; and nothing was changed by whoever only looked."""
    starts_at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=20)
    with system.owner() as cursor:
        cursor.execute("DELETE FROM appointments")
        cursor.execute(
            """INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at) VALUES (%s, %s, %s, %s)
            RETURNING id""",
            [
                system.account("patient1").patient_id,
                system.account("dentist1").dentist_id,
                starts_at,
                starts_at + timedelta(minutes=30),
            ],
        )
        [id_] = cursor.fetchone() or ()
        cursor.execute("UPDATE appointments SET created_at = now() - interval '9 days'")
    operate(system, "celery", "-q", "-A", "celery_worker", "call", "remind", "--queue", "writes")
    wait_taken(mail_server, 1)
    system.worker.kill()
    system.worker.start()
    operate(system, "celery", "-q", "-A", "celery_worker", "call", "remind", "--queue", "writes")
    desk = system.account("desk")
    assert desk.get(f"/appointments/{id_}")["confirmation"] == "reminded"
    body = mail_server.taken[0].get_body(("plain",))
    assert body is not None
    link, _ = re.findall(r"http://127\.0\.0\.1:\d+(/reminder/\S+)", body.get_content())
    for port in system.ports:
        assert call(port, "GET", link).status == 200
    assert desk.get(f"/appointments/{id_}")["confirmation"] == "reminded"
    assert call(system.ports[1], "POST", link).status == 200
    assert desk.get(f"/appointments/{id_}")["confirmation"] == "confirmed"
    assert call(system.ports[0], "POST", link).status == 410
    assert len(mail_server.taken) == 1


def test_no_log_says_to_whom_a_mail_went(system: System, mail_server: MailServer) -> None:
    """Nor what it said, also where the server refuses it in words of its own."""
    mail_server.answers = ["550 no such user patient1@demo.test"]
    book(system)
    wait_until(
        lambda: system.ask("SELECT count(*) FROM mails WHERE outcome = 'refused'") == 1,
        PATIENCE_SECONDS,
        lambda: "the mail was not refused",
    )
    for process in system.processes:
        assert "patient1@" not in system.log_of(process)


def test_a_forgotten_password_is_set_by_mail_on_another_process(system: System, mail_server: MailServer) -> None:
    """Its owner is mailed three codes an hour, whichever process is asked; the last one works, and once."""
    address, password = "patient7@demo.test", "a password that is known"
    before = Account.sign_in(system.ports, address, demo.PASSWORD)
    for port in (*system.ports, *system.ports):
        assert call(port, "POST", "/api/auth/forgotten", {"email": address}).status == 202
    wait_taken(mail_server, 3)
    texts = [body.get_content() for mail in mail_server.taken if (body := mail.get_body(("plain",))) is not None]
    codes = [re.findall(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", text)[0] for text in texts]
    statuses = [
        call(port, "POST", "/api/auth/reset", {"email": address, "code": code, "password": password}).status
        for port, code in zip((*system.ports, *system.ports), [*codes, codes[-1]], strict=True)
    ]
    assert statuses == [404, 404, 204, 404]
    assert [before.call("GET", "/auth/me", web=web).status for web in range(2)] == [401, 401]
    assert Account.sign_in(system.ports, address, password).user["id"] == before.user["id"]
    assert system.ask("SELECT count(*) FROM mails WHERE kind = 'reset-code'") == 3
