"""Served behind a path by a proxy that is trusted: what answers refer to lies behind it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from apiflask import APIFlask

from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from tests.conftest import Caller, Practice, a_free_monday


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """One proxy in front."""
    return dataclasses.replace(settings, trusted_proxies=1)


def test_what_was_made_lies_behind_it(sign_in: Callable[..., Caller], practice: Practice) -> None:
    """Location of a write's outcome, of one that is awaited, and of a record beside the diary; without it as ever."""
    admin, patient = sign_in("admin"), sign_in("patient1")
    booking = {
        "dentistId": str(practice.dentists[0]),
        "startsAt": format_instant(a_free_monday()),
        "treatmentId": str(practice.treatments["Check-up"]),
    }
    booked = patient.post("/appointments", booking, X_Forwarded_Prefix="/dental")
    assert booked.status_code == 201
    assert booked.headers["Location"] == f"/dental/api/appointments/{booked.json['id']}"
    waiting = patient.post(
        f"/appointments/{booked.json['id']}/confirm", {}, X_Forwarded_Prefix="/dental", Prefer="respond-async"
    )
    assert waiting.status_code == 202
    assert waiting.headers["Location"].startswith("/dental/api/writes/")
    added = admin.post("/patients", {"name": "Sam"}, X_Forwarded_Prefix="/dental")
    assert added.headers["Location"] == f"/dental/api/patients/{added.json['id']}"
    plain = admin.post("/patients", {"name": "Sam"})
    assert plain.headers["Location"] == f"/api/patients/{plain.json['id']}"


def test_the_next_page_lies_behind_it(sign_in: Callable[..., Caller]) -> None:
    """Link says where."""
    answer = sign_in("admin").get("/patients?limit=2", X_Forwarded_Prefix="/dental")
    assert answer.headers["Link"].startswith("</dental/api/patients?limit=2&after=")
    assert answer.headers["Link"].endswith('>; rel="next"')


def test_the_way_is_shown_behind_it(app: APIFlask) -> None:
    """To the documentation, and the description's addresses begin with it."""
    client = app.test_client()
    moved = client.get("/api/docs", headers={"X-Forwarded-Prefix": "/dental"})
    assert moved.headers["Location"] == "/dental/api/docs/"
    index = client.get("/api", headers={"X-Forwarded-Prefix": "/dental"}).json
    assert index["documentation"] == "/dental/api/docs/"
    assert index["live"]["path"] == "/dental/socket.io"
    for said, servers in (
        ("/dental", [{"url": "/dental"}]),
        ("//evil", [{"url": "/"}]),
        ("/other", [{"url": "/other"}]),
    ):
        described = client.get("/api/openapi.json", headers={"X-Forwarded-Prefix": said})
        assert described.json["servers"] == servers
        assert int(described.headers["Content-Length"]) == len(described.data)


def test_a_proxy_may_pass_the_path_on(app: APIFlask) -> None:
    """It is the same address."""
    answer = app.test_client().get("/dental/api", headers={"X-Forwarded-Prefix": "/dental"})
    assert answer.json["documentation"] == "/dental/api/docs/"
