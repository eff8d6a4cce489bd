"""Reminders: once for each appointment and time, whoever dies in between; their links work once, until the start."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.mail.links import Link, Links
from dental_sync.writes import by_link, reminding
from tests import plain_sql
from tests.api.hours import DAY, HALF_HOUR, HOUR, SignIn
from tests.conftest import Practice, RunLane, mute
from tests.mail.conftest import SendDue
from tests.mail.test_told import add_patient, made
from tests.mail_server import MailServer

# On the minute, and soon.
SOON = datetime.now(UTC).replace(second=0, microsecond=0) + 20 * HOUR

LATER = "starts_at = starts_at + interval '1 h', ends_at = ends_at + interval '1 h'"
Remind = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Patients may cancel until two hours before."""
    return dataclasses.replace(settings, cancel_cutoff_hours=2)


@pytest.fixture(autouse=True)
def empty_diary(owner: Session) -> None:
    """Nobody of the demo practice's is to be reminded."""
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()


@pytest.fixture
def remind(worker_app: APIFlask, run_lane: RunLane) -> Remind:
    """Make the reminders that are due, with the worker's rights, as the task does; gives what is told of it."""

    def run() -> list[dict[str, Any]]:
        run_lane()
        with worker_app.app_context():
            batch = reminding.remind(db.session(), services.settings())
            assert batch is not None
            return [message.wire() for message in batch.messages]

    return run


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


def book(
    owner: Session, practice: Practice, starts_at: datetime = SOON, *, ago: timedelta = 10 * DAY, **facts: Any
) -> uuid.UUID:
    """An appointment of Mia's, which she has known of for so long."""
    patient = facts.pop("patient", practice.patients[0])
    id_ = plain_sql.book(owner, patient, practice.dentists[0], starts_at, **facts)
    owner.execute(
        text("UPDATE appointments SET created_at = :at WHERE id = :id"), {"id": id_, "at": datetime.now(UTC) - ago}
    )
    owner.commit()
    return id_


def stands(owner: Session, id_: uuid.UUID) -> tuple[str, str]:
    """Status and confirmation."""
    row = owner.execute(text("SELECT status, confirmation FROM appointments WHERE id = :id"), {"id": id_}).one()
    owner.rollback()
    return row.status, row.confirmation


def test_a_patient_is_reminded_once_and_everybody_hears_of_it(
    owner: Session, practice: Practice, remind: Remind
) -> None:
    """By mail, with the appointment as it is from then on in the log."""
    id_ = book(owner, practice)
    told = remind()
    assert [(one["appointment"]["id"], one["appointment"]["confirmation"]) for one in told] == [(str(id_), "reminded")]
    assert stands(owner, id_) == ("booked", "reminded")
    assert made(owner) == [("reminder", "patient1@demo.test")]
    assert remind() == []
    assert made(owner) == []


def test_who_is_moved_is_reminded_of_the_new_time(owner: Session, practice: Practice, remind: Remind) -> None:
    """The other one is past."""
    id_ = book(owner, practice)
    remind()
    made(owner)
    owner.execute(text(f"UPDATE appointments SET {LATER}"))
    owner.commit()
    remind()
    assert made(owner) == [("reminder", "patient1@demo.test")]
    assert stands(owner, id_) == ("booked", "reminded")


@pytest.mark.parametrize(
    "facts",
    [
        {"starts_at": SOON + 5 * HOUR},
        {"starts_at": SOON - 21 * HOUR},
        {"status": "pending"},
        {"status": "cancelled"},
        # They have heard of it since it was time.
        {"ago": HOUR},
    ],
)
def test_others_are_not_reminded(owner: Session, practice: Practice, remind: Remind, facts: dict[str, Any]) -> None:
    """What is further away, has begun, is not certain, or was only just booked."""
    book(owner, practice, **facts)
    assert remind() == []
    assert made(owner) == []


def test_what_was_moved_only_just_is_known(owner: Session, practice: Practice, remind: Remind, sign_in: SignIn) -> None:
    """The mail about the move has just left."""
    id_ = book(owner, practice, SOON + 2 * DAY)
    to = {"startsAt": SOON.isoformat(), "force": True}
    assert sign_in("desk").patch(f"/appointments/{id_}", to).status_code == 200
    assert made(owner) == [("moved", "patient1@demo.test")]
    remind()
    assert made(owner) == []


def test_a_confirmed_appointment_stays_confirmed(owner: Session, practice: Practice, remind: Remind) -> None:
    """The reminder comes all the same, without the question."""
    id_ = book(owner, practice)
    owner.execute(text("UPDATE appointments SET confirmation = 'confirmed'"))
    owner.commit()
    remind()
    assert owner.scalar(text("SELECT facts -> 'confirmed' FROM mails")) is True
    assert stands(owner, id_) == ("booked", "confirmed")


def test_who_cannot_be_written_to_is_not_called_reminded(
    owner: Session, practice: Practice, remind: Remind, sign_in: SignIn
) -> None:
    """The desk sees whom to call."""
    stranger = uuid.UUID(add_patient(sign_in("desk"), phone="030 5550123"))
    id_ = book(owner, practice, patient=stranger)
    remind()
    assert made(owner) == []
    assert stands(owner, id_) == ("booked", "unconfirmed")


def test_reminders_are_made_in_bounded_passes(
    owner: Session, practice: Practice, worker_app: APIFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them once, and the lane has its turn in between."""
    monkeypatch.setattr(reminding, "REMINDED_AT_ONCE", 2)
    for number in range(3):
        book(owner, practice, SOON + number * HALF_HOUR)
    with worker_app.app_context():
        batches = [reminding.remind(db.session(), services.settings()) for _ in range(2)]
    assert [(batch.more, batch.has_mails) for batch in batches if batch] == [(True, True), (False, True)]
    assert len(made(owner)) == 3


def test_a_process_that_dies_has_reminded_and_noted_it_or_neither(
    owner: Session, practice: Practice, worker_app: APIFlask, remind: Remind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction."""
    id_ = book(owner, practice)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, worker_app.app_context():
        patched.setattr(reminding.log, "publish", die)
        with pytest.raises(KeyboardInterrupt):
            reminding.remind(db.session(), services.settings())
        db.session.rollback()
    assert (made(owner), stands(owner, id_)) == ([], ("booked", "unconfirmed"))
    remind()
    assert (made(owner), stands(owner, id_)) == ([("reminder", "patient1@demo.test")], ("booked", "reminded"))


@pytest.mark.parametrize("off", [{"reminder_hours": 0}, {"mail_url": ""}])
def test_reminders_can_be_switched_off(
    owner: Session, practice: Practice, worker_app: APIFlask, remind: Remind, off: dict[str, Any]
) -> None:
    """And begin where they are switched on."""
    book(owner, practice)
    on = services.of(worker_app, Settings)
    services.provide(worker_app, dataclasses.replace(on, **off))
    assert remind() == []
    services.provide(worker_app, on)
    assert len(remind()) == 1


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


# The links.


@pytest.fixture
def links(
    owner: Session, practice: Practice, remind: Remind, mail_server: MailServer, send_due: SendDue
) -> dict[str, str]:
    """The paths of the links that Mia gets, and `id`, the appointment's."""
    id_ = book(owner, practice)
    remind()
    send_due()
    [mail] = mail_server.taken
    body = mail.get_body(("plain",))
    assert body is not None
    confirm, cancel = re.findall(r"https://practice\.example(/reminder/\S+)", body.get_content())
    return {"confirm": confirm, "cancel": cancel, "id": str(id_)}


def test_a_get_changes_nothing_and_a_post_confirms_once(app: APIFlask, owner: Session, links: dict[str, str]) -> None:
    """Scanners of mails follow every link; what was done is the patient's, and by a link."""
    client, id_ = app.test_client(), uuid.UUID(links["id"])
    for _ in range(2):
        for answer in ("confirm", "cancel"):
            page = client.get(links[answer])
            assert page.status_code == 200
            assert '<form method="post">' in page.text
            assert "Check-up" not in page.text
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert stands(owner, id_) == ("booked", "reminded")
    done = client.post(links["confirm"])
    assert (done.status_code, "bestätigt" in done.text) == (200, True)
    assert stands(owner, id_) == ("booked", "confirmed")
    owner.execute(text("UPDATE appointments SET confirmation = 'reminded'"))
    owner.commit()
    assert client.post(links["confirm"]).status_code == client.get(links["confirm"]).status_code == 410
    assert stands(owner, id_) == ("booked", "reminded")
    [noted] = owner.execute(text("SELECT * FROM audit WHERE action = 'confirm-by-link'")).all()
    assert (noted.actor_id, noted.actor_role, noted.record_ids) == (None, "patient", [id_])


def test_an_appointment_is_cancelled_by_its_link_as_by_its_patient(
    app: APIFlask, owner: Session, links: dict[str, str], sign_in: SignIn
) -> None:
    """Also after it was confirmed; and then there is nothing more to answer."""
    client, id_ = app.test_client(), uuid.UUID(links["id"])
    client.post(links["confirm"])
    assert client.post(links["cancel"]).status_code == 200
    assert stands(owner, id_)[0] == "cancelled"
    seen = sign_in("desk").get(f"/appointments/{id_}").json
    assert seen["cancelledBy"] == "patient"
    assert made(owner)[1:] == []
    assert client.get(links["cancel"]).status_code == 410
    history = sign_in("desk").get(f"/appointments/{id_}/history").json["items"]
    assert [(one["action"], one["actorRole"]) for one in history][-1] == ("cancel-by-link", "patient")


def test_too_late_to_cancel_is_explained(
    app: APIFlask, worker_app: APIFlask, owner: Session, links: dict[str, str]
) -> None:
    """The cut-off is the patient's; the appointment stays."""
    services.provide(worker_app, dataclasses.replace(services.of(worker_app, Settings), cancel_cutoff_hours=48))
    answer = app.test_client().post(links["cancel"])
    assert (answer.status_code, "rufen Sie die Praxis an" in answer.text) == (409, True)
    assert stands(owner, uuid.UUID(links["id"]))[0] == "booked"


def test_a_link_is_used_once_however_many_use_it_at_a_time(
    app: APIFlask, owner: Session, links: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked before one of them has used it."""
    link = Links(services.of(app, Settings).secret_key).read(links["confirm"].rpartition("/")[2])
    assert link is not None
    with app.app_context():
        seen = by_link.look(db.session(), link, datetime.now(UTC))
    monkeypatch.setattr(by_link, "look", lambda *_: seen)
    assert [app.test_client().post(links["confirm"]).status_code for _ in range(2)] == [200, 410]
    assert owner.scalar(text("SELECT count(*) FROM write_requests WHERE sender_id IS NULL")) == 1


def test_what_was_moved_before_the_lane_came_to_it_is_not_answered(
    app: APIFlask, owner: Session, links: dict[str, str], run_lane: RunLane
) -> None:
    """The patient has answered for another time."""
    mute(app)
    services.provide(app, dataclasses.replace(services.of(app, Settings), write_wait_seconds=0.1))
    answer = app.test_client().post(links["confirm"])
    assert (answer.status_code, "ist angekommen" in answer.text) == (202, True)
    owner.execute(text(f"UPDATE appointments SET {LATER}"))
    owner.commit()
    run_lane()
    assert stands(owner, uuid.UUID(links["id"])) == ("booked", "reminded")
    assert owner.scalar(text("SELECT status FROM write_requests WHERE sender_id IS NULL")) == "rejected"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (LATER, "eine frühere"),
        ("status = 'cancelled'", "nicht mehr"),
        ("status = 'arrived'", "nicht mehr"),
        (
            "layers = 'empty', starts_at = starts_at - interval '21 h', ends_at = ends_at - interval '21 h'",
            "eine frühere",
        ),
    ],
)
def test_a_link_is_about_the_time_that_it_named(
    app: APIFlask, owner: Session, links: dict[str, str], change: str, said: str
) -> None:
    """An appointment that was moved, or is over, is not answered by it."""
    owner.execute(text(f"UPDATE appointments SET {change}"))
    owner.commit()
    before = stands(owner, uuid.UUID(links["id"]))
    for answer in ("confirm", "cancel"):
        for ask in (app.test_client().get, app.test_client().post):
            page = ask(links[answer])
            assert (page.status_code, said in page.text) == (410, True)
    assert stands(owner, uuid.UUID(links["id"])) == before


def test_a_link_ends_with_the_start(app: APIFlask, owner: Session, links: dict[str, str], settings: Settings) -> None:
    """Whoever is on the way confirms nothing any more."""
    id_, past = uuid.UUID(links["id"]), SOON - 21 * HOUR
    for table, more in (("appointments", ", layers = 'empty', ends_at = :at + interval '1 h'"), ("reminders", "")):
        owner.execute(text(f"UPDATE {table} SET starts_at = :at {more}"), {"at": past})
    owner.commit()
    path = Links(settings.secret_key).path(Link(id_, past, "yes", "en"))
    answer = app.test_client().post(path)
    assert (answer.status_code, "has begun" in answer.text) == (410, True)


def test_nobody_makes_a_link(app: APIFlask, owner: Session, links: dict[str, str], settings: Settings) -> None:
    """Changed, of another key, of another purpose, or about what nobody was reminded of: it shows and does nothing."""
    client, id_ = app.test_client(), uuid.UUID(links["id"])
    token = links["confirm"].rpartition("/")[2]
    link = Links(settings.secret_key).read(token)
    assert link is not None
    wrong = [
        "/reminder/x",
        "/reminder/" + token[:-2],
        "/reminder/" + token.replace(".", "x.", 1),
        Links(settings.jwt_secret_key).path(link),
        Links(settings.secret_key).path(dataclasses.replace(link, appointment_id=uuid.uuid4())),
        Links(settings.secret_key).path(dataclasses.replace(link, starts_at=link.starts_at + HOUR)),
    ]
    for path in wrong:
        for ask in (client.get, client.post):
            answer = ask(path, headers={"Accept-Language": "en"})
            assert answer.status_code == 404, path
            assert "Dr. Anna" not in answer.text
    assert stands(owner, id_) == ("booked", "reminded")
    assert owner.scalar(text("SELECT count(*) FROM write_requests WHERE sender_id IS NULL")) == 0
