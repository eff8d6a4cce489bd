"""Reminders as text messages, for whom no mail reaches."""

from __future__ import annotations

import base64
import dataclasses
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from tests.api.hours import HALF_HOUR, HOUR, SignIn
from tests.conftest import Practice
from tests.mail.conftest import SendDue
from tests.mail.reminding import SOON, Remind, book, stands
from tests.mail.test_told import add_patient


class TextService:
    """Takes text messages on 127.0.0.1; `statuses` is what it answers to the next ones."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        # The Idempotency-Key, the credentials and the body of each.
        self.taken: list[tuple[str | None, str | None, dict[str, str]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.taken.append((self.headers["Idempotency-Key"], self.headers["Authorization"], body))
                self.send_response(service.statuses.pop(0) if service.statuses else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port


@pytest.fixture
def text_service() -> Iterator[TextService]:
    """One that listens."""
    service = TextService()
    thread = threading.Thread(target=service.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


def test_who_has_a_number_and_no_address_gets_a_text_message(
    owner: Session,
    practice: Practice,
    remind: Remind,
    sign_in: SignIn,
    worker_app: APIFlask,
    text_service: TextService,
    send_due: SendDue,
) -> None:
    """Once, as it is dialled from anywhere; the service says whether it has it."""
    on = services.of(worker_app, Settings)
    services.provide(worker_app, dataclasses.replace(on, sms_url=f"http://me:s%40fe@127.0.0.1:{text_service.port}/sms"))
    desk = sign_in("desk")
    stranger = uuid.UUID(add_patient(desk, phone="030 5550123"))
    nobody = uuid.UUID(add_patient(desk, phone="ask her mother"))
    ids = [book(owner, practice, patient=stranger), book(owner, practice, SOON + HALF_HOUR, patient=nobody)]
    book(owner, practice, SOON + HOUR)
    remind()
    assert [stands(owner, id_)[1] for id_ in ids] == ["reminded", "reminded"]
    text_service.statuses = [503]
    send_due()
    assert owner.scalar(text("SELECT count(*) FROM mails WHERE channel = 'sms' AND outcome IS NULL")) == 2
    owner.execute(text("UPDATE mails SET due_at = clock_timestamp() WHERE outcome IS NULL"))
    owner.commit()
    send_due()
    put_off, taken = text_service.taken
    assert put_off == taken
    key, authorization, body = taken
    assert authorization == "Basic " + base64.b64encode(b"me:s@fe").decode()
    assert body["to"] == "+49305550123"
    assert key == body["id"]
    assert "Dr. Anna Keller" in body["text"]
    assert "https://practice.example/reminder/" in body["text"]
    assert "Check-up" not in body["text"]
    outcomes = owner.execute(text("SELECT channel, outcome FROM mails ORDER BY channel, outcome")).all()
    assert outcomes == [("mail", "sent"), ("sms", "refused"), ("sms", "sent")]


def test_text_messages_are_files_too(
    owner: Session, practice: Practice, remind: Remind, worker_app: APIFlask, send_due: SendDue, tmp_path: Path
) -> None:
    """As with mails; without a mail server the number is what there is."""
    on = services.of(worker_app, Settings)
    services.provide(worker_app, dataclasses.replace(on, mail_url="", sms_url=tmp_path.as_uri()))
    owner.execute(text("UPDATE patients SET phone = '+44 20 7946 0018', language = 'en'"))
    owner.commit()
    book(owner, practice)
    remind()
    send_due()
    [file] = tmp_path.glob("*.txt")
    assert "+442079460018" in file.read_text()
    assert "your appointment is on" in file.read_text()
