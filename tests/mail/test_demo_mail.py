"""In a demo practice mails are read over HTTP, and in no other one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from apiflask import APIFlask

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.processes import mailing
from tests.api.hours import HALF_HOUR, MONDAY, SignIn
from tests.conftest import Practice
from tests.mail.test_told import book


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Mails are files."""
    return dataclasses.replace(settings, mail_url=(tmp_path / "mail").as_uri())


def test_the_mails_of_a_demo_practice_are_read_over_http(
    app: APIFlask, sign_in: SignIn, practice: Practice, worker_app: APIFlask, settings: Settings, tmp_path: Path
) -> None:
    """The newest first, of one address or of all; what is no mail is passed over."""
    client = app.test_client()
    assert client.get("/api/demo/mail").json == {"items": []}
    desk = sign_in("desk")
    book(desk, practice)
    book(desk, practice, patientId=str(practice.patients[1]), starts_at=MONDAY + HALF_HOUR)
    with worker_app.app_context():
        mailing.send_due(db.session(), settings)
    for name, content in (("2.eml", b""), ("3.eml", b"To: x\r\n\r\n"), ("4.eml", b"\xff\x00=?x?"), ("5.txt", b"To: a")):
        (tmp_path / "mail" / name).write_bytes(content)
    (tmp_path / "mail" / "6.eml").symlink_to("/nowhere")
    every = client.get("/api/demo/mail").json["items"]
    assert [mail["to"] for mail in every] == ["patient2@demo.test", "patient1@demo.test"]
    [mine] = client.get("/api/demo/mail?to=Patient1@demo.test").json["items"]
    assert mine == every[1]
    assert set(mine) == {"id", "to", "from", "subject", "date", "text", "html", "calendar"}
    assert "Dr. Anna Keller" in mine["text"]
    assert mine["calendar"].startswith("BEGIN:VCALENDAR")
    assert len(client.get("/api/demo/mail?limit=1").json["items"]) == 1
    assert client.get("/api/demo/mail?to=nobody@demo.test").json == {"items": []}


@pytest.mark.parametrize("query", ["to=mia", "limit=0", "limit=1000", "folder=/etc"])
def test_what_is_no_question_is_refused(app: APIFlask, query: str) -> None:
    """422, as everywhere."""
    assert app.test_client().get(f"/api/demo/mail?{query}").status_code == 422


@pytest.mark.parametrize("real", [{"demo_mode": False}, {"mail_url": "smtp://127.0.0.1:1"}])
def test_a_real_practice_has_no_such_address(app: APIFlask, settings: Settings, real: dict[str, object]) -> None:
    """Whatever is in its folder."""
    services.provide(app, dataclasses.replace(settings, **real))  # type: ignore[arg-type]
    assert app.test_client().get("/api/demo/mail").status_code == 404
