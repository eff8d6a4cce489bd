"""What whole processes write into their logs: a line at start, one for each request and write, and nothing forged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers

from .conftest import assert_no_complaints, running_system
from .raw import RawConnection
from .rest import call
from .system import Process, System, wait_until


@pytest.fixture(scope="module")
def json_system(servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system that logs JSON."""
    settings = {"LOG_FORMAT": "json"}
    with running_system(servers, template, tmp_path_factory.mktemp("json"), settings) as system:
        yield system
        assert_no_complaints(system)


def lines(process: Process) -> list[dict[str, Any]]:
    """Every line of its log, each of which is an object; what is being written is left out."""
    return [json.loads(line) for line in process.log.read_text().splitlines(keepends=True) if line.endswith("\n")]


def line_with(process: Process, /, **facts: object) -> dict[str, Any]:
    """The one line with these facts, which may be on its way."""

    def found() -> list[dict[str, Any]]:
        return [line for line in lines(process) if facts.items() <= line.items()]

    wait_until(lambda: bool(found()), 10, lambda: f"no line has {facts}: {lines(process)[-20:]}")
    [line] = found()
    return line


def test_each_process_says_that_it_has_started(json_system: System) -> None:
    """With its version, and with the address that it serves."""
    names = ["web", "web", "worker", "housekeeper", "beat"]
    for process, name in zip(json_system.processes, names, strict=True):
        started = line_with(process, message="started", process=name)
        assert started["version"]
        assert started["pid"]
    assert line_with(json_system.web[1], message="started")["address"] == f"127.0.0.1:{json_system.ports[1]}"


def test_a_booking_is_one_line_of_the_web_process_and_one_of_the_worker(json_system: System) -> None:
    """Both with our id and the caller's, by which they are found."""
    patient = json_system.account("patient1")
    booking = json_system.opening().with_dentist(json_system.account("dentist1").dentist_id)
    booked = patient.call("POST", "/appointments", booking, X_Request_ID="desk-7")
    assert booked.status == 201
    ids = {"requestId": booked.headers["X-Server-Request-ID"], "callerRequestId": "desk-7"}
    asked = line_with(json_system.web[0], message="request", **ids)
    assert (asked["method"], asked["route"], asked["status"]) == ("POST", "/api/appointments", 201)
    decided = line_with(json_system.worker, message="write", **ids)
    assert (decided["action"], decided["status"]) == ("book", 201)
    assert asked["accountId"] == decided["accountId"] == patient.user["id"]
    assert 0 < decided["ms"] < asked["ms"]


def test_the_housekeepers_tasks_are_lines_too(json_system: System) -> None:
    """Each by its kind, with the time that it took."""
    tasks = {line["task"] for line in lines(json_system.housekeeper) if line["message"] == "task"}
    wait_until(
        lambda: any(line.get("task") == "heartbeat" for line in lines(json_system.housekeeper)), 10, lambda: str(tasks)
    )
    assert all(line["ms"] > 0 for line in lines(json_system.housekeeper) if line["message"] == "task")


def test_a_websocket_is_one_line_when_it_is_closed(json_system: System, connect: Any) -> None:
    """As 101: it may have lasted for hours."""
    client = connect(json_system, "patient2")
    client.disconnect()
    assert line_with(json_system.web[0], message="request", status=101)["route"] == "/socket.io/"


@pytest.mark.parametrize(
    "path",
    [
        "/socket.io/?transport=polling&EIO=4&sid=%0aFORGED",
        "/socket.io/?transport=FORGED%0aFORGED&EIO=4",
        "/socket.io/?transport=polling&EIO=FORGED%0d%0a",
        "/api/FORGED%0aFORGED",
        "/api/patients?q=%0aFORGED",
        "/FORGED",
    ],
)
def test_nothing_of_an_address_gets_into_the_log(system: System, path: str) -> None:
    """Neither as a line of its own nor within one."""
    assert call(system.ports[0], "GET", path).status >= 400
    call(system.ports[0], "GET", "/api/sync/health")
    assert "FORGED" not in system.log_of(system.web[0])


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"
        b'{"email": "FORGED@demo.test", "password": "FORGED"}\r\n\r\n',
        b"FORGED\r\n\r\n",
        b"GET /FORGED HTTP/9.FORGED\r\n\r\n",
        b"GET / HTTP/1.1\r\nFORGED\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: FORGED\r\nContent-Length: FORGED\r\n\r\n",
        b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFORGED\r\n\r\n",
    ],
)
def test_nothing_of_what_is_no_request_gets_into_the_log(system: System, sent: bytes) -> None:
    """Not the rest of a body that is longer than it said, which may be a password."""
    with RawConnection(system.ports[0]) as connection:
        connection.send(sent)
        connection.read_head()
    # Half of it, and gone.
    with RawConnection(system.ports[0]) as connection:
        connection.send(sent[:-1].replace(b"Length: 10", b"Length: 1000"))
        connection.hang_up()
    call(system.ports[0], "GET", "/api/sync/health")
    assert "FORGED" not in system.log_of(system.web[0])


def test_what_was_refused_before_the_app_is_a_line_too(json_system: System) -> None:
    """Its status is what is known of it."""
    with RawConnection(json_system.ports[1]) as connection:
        connection.send(b"GET / nonsense HTTP/1.1\r\n\r\n")
        assert " 400 " in connection.read_head().splitlines()[0]
    assert line_with(json_system.web[1], message="request", status=400)["route"] == "other"


def test_the_logs_of_servers_are_for_their_owner_only(system: System) -> None:
    """What PostgreSQL complains about can hold what was in a row."""
    for log in (system.postgres.log, system.redis.log):
        assert Path(log).stat().st_mode & 0o077 == 0
