"""The links of a reminder work without signing in, once, until the start."""

from __future__ import annotations

import dataclasses
import re
import uuid
from datetime import UTC, datetime

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.mail.links import Link, Links
from dental_sync.writes import by_link
from tests.api.hours import HOUR, SignIn
from tests.conftest import Practice, RunLane, mute
from tests.mail.conftest import SendDue
from tests.mail.reminding import LATER, SOON, Remind, book, stands
from tests.mail.test_told import made
from tests.mail_server import MailServer


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Patients may cancel until two hours before."""
    return dataclasses.replace(settings, cancel_cutoff_hours=2)


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


def test_who_is_reminded_may_cancel_until_the_start(
    app: APIFlask, worker_app: APIFlask, owner: Session, links: dict[str, str], sign_in: SignIn
) -> None:
    """Also when it is too late to do so unasked: by default the reminder comes when the cut-off does."""
    services.provide(worker_app, dataclasses.replace(services.of(worker_app, Settings), cancel_cutoff_hours=48))
    unasked = sign_in("patient1").post(f"/appointments/{links['id']}/cancel", {})
    assert (unasked.status_code, unasked.json["code"]) == (409, "past-cutoff")
    assert app.test_client().post(links["cancel"]).status_code == 200
    assert stands(owner, uuid.UUID(links["id"]))[0] == "cancelled"


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
