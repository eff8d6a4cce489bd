"""One line for each request: what a caller asked for is not in it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import Client

from dental_sync.monitoring.request_log import RequestLog
from tests.conftest import Caller

NAME = "dental_sync.monitoring.request_log"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """The facts of the lines since this was last called."""
    caplog.set_level(logging.INFO, NAME)

    def found() -> list[dict[str, Any]]:
        since = [vars(record)["facts"] for record in caplog.records if record.message == "request"]
        caplog.clear()
        return since

    return found


def test_a_request_is_one_line_with_route_status_time_account_and_ids(
    sign_in: Callable[..., Caller], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """The route's rule stands for every path, and the caller's id beside ours."""
    patient = sign_in("patient1")
    lines()
    answer = patient.get(f"/appointments/{uuid.uuid4()}", X_Request_ID="desk-7")
    answer.close()
    [line] = lines()
    assert line.pop("ms") > 0
    assert line == {
        "method": "GET",
        "route": "/api/appointments/<uuid:appointment_id>",
        "status": 404,
        "accountId": patient.user["id"],
        "requestId": answer.headers["X-Server-Request-ID"],
        "callerRequestId": "desk-7",
    }


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/Erika/Musterfrau?phone=0171", "other", 404),
        ("GET", "/api/patients?q=Musterfrau", "/api/patients", 401),
        ("MUSTERFRAU", "/api/patients", "other", 405),
        ("POST", "/api/sync/health", "other", 405),
        ("GET", "/api/docs/Musterfrau.js", "/api/docs/<path:name>", 404),
        ("GET", "/socket.io/?transport=polling&EIO=4&sid=Musterfrau", "/socket.io/", 400),
    ],
)
def test_nothing_that_a_caller_made_up_is_in_the_line(
    shared_app: APIFlask,
    lines: Callable[[], list[dict[str, Any]]],
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    route: str,
    status: int,
) -> None:
    """No path, no query string, no method that is none, no account that did not sign in."""
    shared_app.test_client().open(path, method=method).close()
    assert "Musterfrau" not in "".join(str(vars(record)) for record in caplog.records if record.name == NAME)
    [line] = lines()
    assert (line["route"], line["status"], line["accountId"], line["callerRequestId"]) == (route, status, None, None)
    assert line["method"] in {"GET", "POST", "other"}


def test_a_request_that_nobody_answered_has_a_line_too(
    lines: Callable[[], list[dict[str, Any]]], caplog: pytest.LogCaptureFixture
) -> None:
    """What is raised past every handler of errors is 500, is written down, and is handed on to the server."""

    def fail(*_: object) -> list[bytes]:
        raise LookupError

    with pytest.raises(LookupError):
        Client(RequestLog(fail)).get("/api/practice")
    assert [record.message for record in caplog.records] == ["a request was given up", "request"]
    [line] = lines()
    assert (line["route"], line["status"]) == ("other", 500)
