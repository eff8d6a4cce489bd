"""What every answer tells browsers and caches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask

from dental_sync.core import services
from dental_sync.core.config import Settings
from tests.changed import changed
from tests.conftest import Caller, sign_in_to

STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
WRONG = {"email": "x@y.example", "password": "wrong-password"}


def answers(app: APIFlask) -> dict[str, Any]:
    """One of each kind: of a door, a refusal, an address that is none, a document, a page, Socket.IO."""
    patient = sign_in_to(app, "patient1")
    anybody = app.test_client()
    return {
        "a list": patient.get("/appointments"),
        "a record": patient.get(f"/patients/{patient.user['patientId']}"),
        "nothing there": patient.get("/appointments/00000000-0000-7000-8000-000000000000"),
        "me": patient.get("/auth/me"),
        "a wrong password": anybody.post(
            "/api/auth/login", json={"email": "x@y.example", "password": "wrong-password"}
        ),
        "no token": anybody.get("/api/patients"),
        "no address": anybody.get("/nowhere"),
        "a front page": anybody.get("/"),
        "the page": anybody.get("/api/docs/"),
        "the description": anybody.get("/api/openapi.json"),
        "a wrong method": anybody.delete("/api/practice"),
        "a transport": anybody.get("/socket.io/?EIO=4&transport=polling"),
        "no transport": anybody.get("/socket.io/?EIO=4&transport=polling&sid=none"),
    }


def test_nothing_is_guessed_passed_on_or_framed(shared_app: APIFlask) -> None:
    """By whatever way an answer comes."""
    with changed(shared_app, demo_mode=False):
        found = answers(shared_app)
    for kind, answer in found.items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", kind
        assert answer.headers["Referrer-Policy"] == "no-referrer", kind
        assert answer.headers["X-Frame-Options"] == "DENY", kind
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], kind
        assert len(answer.headers.getlist("Content-Security-Policy")) == 1, kind


def test_what_is_about_somebody_is_kept_by_nobody(shared_app: APIFlask) -> None:
    """Refusals too, and what long polling brings."""
    public = {"the page", "the description"}
    for kind, answer in answers(shared_app).items():
        if kind not in public:
            assert answer.headers.getlist("Cache-Control") == ["no-store"], kind


def test_notes_and_sign_ins_are_kept_by_nobody(sign_in: Callable[..., Caller], app: APIFlask) -> None:
    """What must not lie in the cache of a shared computer above all."""
    body = {"email": "patient1@demo.test", "password": "demo-password-1"}
    assert app.test_client().post("/api/auth/login", json=body).headers["Cache-Control"] == "no-store"
    assert sign_in("admin").get("/audit").headers["Cache-Control"] == "no-store"


def test_the_page_loads_what_is_ours_and_nothing_else(shared_app: APIFlask) -> None:
    """No script may stand in it, and none may come from elsewhere; other answers load nothing at all."""
    found = answers(shared_app)
    policy = dict(part.split(" ", 1) for part in found["the page"].headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert "<script>" not in found["the page"].text
    others = found.keys() - {"the page", "a front page"}
    assert {found[kind].headers["Content-Security-Policy"] for kind in others} == {STRICT}


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/", "/api/docs/index.html", "/api/", "/api/openapi.json"])
def test_no_page_repeats_the_callers_host(shared_app: APIFlask, path: str) -> None:
    """It may be anything: a cache could hand the answer to others."""
    answer = shared_app.test_client().get(path, headers={"Host": "elsewhere.example"})
    assert "elsewhere.example" not in answer.text
    assert "elsewhere.example" not in str(answer.headers)
    assert answer.status_code in (200, 302, 308)


def test_who_came_by_tls_comes_back_by_tls(shared_app: APIFlask) -> None:
    """Over plain HTTP the header means nothing, and a proxy that is not trusted does not say how somebody came."""
    plain, secure = (
        shared_app.test_client().get("/api/live", base_url=f"{scheme}://x") for scheme in ("http", "https")
    )
    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert services.of(shared_app, Settings).trusted_proxies == 0
    claimed = shared_app.test_client().get("/api/live", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in claimed.headers
