"""Whatever fails, no log of any process has what people typed in it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from .conftest import Connect, StartSystem
from .raw import RawConnection
from .rest import Account, Answer, call
from .system import System, wait_until

# In every name, address, password, note, reason, header and path that this file sends.
MARK = "Ottilie"
TYPED = f"{MARK} Marked"
PASSWORD = f"{MARK}-horse-battery-staple"


def email(number: int) -> str:
    """An address of somebody's."""
    return f"{MARK}{number}@marked.example"


def logs_of(system: System) -> list[Path]:
    """Of web, worker, housekeeper and beat, of Redis, and of PostgreSQL."""
    return [*(process.log for process in system.processes), system.redis.log, system.postgres.log]


@contextmanager
def held(system: System, statement: str) -> Iterator[None]:
    """Somebody at a console holds the locks of a statement."""
    connection = psycopg2.connect(system.urls.owner)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        yield
    finally:
        connection.close()


@contextmanager
def changed(system: System, there: str, back: str) -> Iterator[None]:
    """Somebody has spoilt the schema."""
    with system.owner() as cursor:
        cursor.execute(there)
    try:
        yield
    finally:
        with system.owner() as cursor:
            cursor.execute(back)


def at_once(*calls: Callable[[], Answer]) -> list[int]:
    """The statuses of calls that are made at the same time."""
    answers: dict[int, int] = {}

    def ask(number: int, make: Callable[[], Answer]) -> None:
        answers[number] = make().status

    asking = [threading.Thread(target=ask, args=entry) for entry in enumerate(calls)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    return [answers[number] for number in range(len(calls))]


def register(system: System, address: str) -> Answer:
    """Somebody registers."""
    body = {"email": address, "password": PASSWORD, "name": TYPED, "phone": TYPED}
    return call(system.ports[0], "POST", "/api/auth/register", body, {"X-Request-ID": "desk-7", "User-Agent": TYPED})


def booking(system: System) -> dict[str, str]:
    """A time with the first dentist, and why."""
    return system.opening().with_dentist(system.account("dentist1").dentist_id, reason=TYPED)


def what_is_refused(system: System, patient: Account, connect: Connect) -> None:
    """Every way in which a caller errs."""
    port = system.ports[0]
    assert register(system, email(1)).status == 409
    wrong = {"email": email(1), "password": f"not {PASSWORD}"}
    assert call(port, "POST", "/api/auth/login", wrong).status == 401
    assert call(port, "POST", "/api/auth/login", {**wrong, "email": email(2)}).status == 401
    for body in ({"name": TYPED, "birthDate": TYPED}, {TYPED: TYPED}, {"email": TYPED}):
        assert system.account("admin").call("POST", "/patients", body).status == 422
    for path in (
        f"/api/patients?q={MARK}",
        f"/{MARK}",
        f"/api/appointments/{MARK}",
        f"/socket.io/?EIO=4&sid=%0a{MARK}",
    ):
        assert call(port, "GET", path, headers={"Authorization": f"Bearer {MARK}", "Cookie": MARK}).status >= 400
    head = f"POST /api/auth/login HTTP/1.1\r\nHost: {MARK}\r\nContent-Type: application/json\r\n"
    for sent in (
        f"{head}Content-Length: 10\r\n\r\n{json.dumps(wrong)}\r\n\r\n",
        f"{head}Transfer-Encoding: chunked\r\n\r\n{MARK}\r\n\r\n",
        f"{head}Content-Length: {MARK}\r\n\r\n",
        f"{MARK} {MARK}\r\n\r\n",
        f"GET /{MARK} HTTP/1.1 {MARK}\r\n\r\n",
    ):
        with RawConnection(port) as connection:
            connection.send(sent.encode())
            connection.read_head()
    client = connect(system, "patient2")
    for name, payload in (
        (MARK, {}),
        ("subscribe", {"channel": TYPED}),
        ("subscribe", {MARK: 1}),
        ("authenticate", {"token": MARK}),
    ):
        assert not client.emit(name, payload)["ok"]
    conflict = patient.call("POST", "/appointments", booking(system), Idempotency_Key=MARK)
    assert conflict.status == 201
    again = {**booking(system), "reason": f"another {TYPED}"}
    assert patient.call("POST", "/appointments", again, Idempotency_Key=MARK).status == 422


def what_waits_too_long(system: System, patient: Account, appointment: str) -> None:
    """Somebody at a console holds locks for longer than lock_timeout (5 s)."""
    admin = system.account("admin")
    put_notes = lambda: admin.call("PUT", f"/appointments/{appointment}/notes", {"notes": TYPED})  # noqa: E731
    assert put_notes().status == 200
    locks = "appointment_notes, patients, patient_remarks, write_requests"
    with held(system, f"LOCK TABLE {locks} IN EXCLUSIVE MODE"):
        statuses = at_once(
            put_notes,
            lambda: admin.call("PATCH", f"/patients/{patient.patient_id}", {"name": TYPED}),
            lambda: admin.call("PATCH", f"/patients/{patient.patient_id}", {"remark": TYPED}),
            lambda: admin.call("POST", "/patients", {"name": TYPED, "email": email(4)}),
            lambda: patient.call("POST", "/appointments", booking(system)),
            lambda: register(system, email(5)),
        )
    assert statuses == [503] * 6
    with held(system, "SELECT FROM users, patients, appointments FOR UPDATE"):
        statuses = at_once(
            put_notes,
            lambda: admin.call("PATCH", f"/patients/{patient.patient_id}", {"name": TYPED}),
            lambda: patient.call("POST", "/appointments", booking(system)),
        )
    assert statuses == [503] * 3


def what_becomes_of_a_secret_address(system: System, address: str) -> None:
    """A calendar feed is read, mistyped, held up and broken; what it is read by stands in its path."""
    read = lambda path: call(system.ports[0], "GET", path).status  # noqa: E731
    assert [read(address), read(f"{address}/"), read(f"{address}?x={address}")] == [200, 404, 422]
    with held(system, "LOCK TABLE calendar_feeds IN ACCESS EXCLUSIVE MODE"):
        assert read(address) == 503
    there, back = "RENAME noted_at TO n", "RENAME n TO noted_at"
    with changed(system, f"ALTER TABLE calendar_feeds {there}", f"ALTER TABLE calendar_feeds {back}"):
        assert read(address) == 500


def what_becomes_of_the_own_account(system: System, patient: Account) -> None:
    """Another name, phone and address are asked for, held up and broken; so is a code for who has forgotten."""
    port = system.ports[0]
    change = lambda: patient.call("PATCH", "/auth/me", {"name": TYPED, "phone": TYPED})  # noqa: E731
    ask = lambda: patient.call("POST", "/auth/email", {"email": email(7), "password": PASSWORD})  # noqa: E731
    forget = lambda: call(port, "POST", "/api/auth/forgotten", {"email": email(1)})  # noqa: E731
    reset = {"email": email(1), "code": TYPED, "password": f"another {PASSWORD}"}
    confirm = {"code": TYPED}
    assert [change().status, ask().status, forget().status] == [200, 202, 202]
    assert call(port, "POST", "/api/auth/reset", reset).status == 404
    assert patient.call("POST", "/auth/email/confirm", confirm).status == 404
    with held(system, "LOCK TABLE patients, account_codes, code_mails IN EXCLUSIVE MODE"):
        assert at_once(change, ask, forget) == [503] * 3
    constraint = "ADD CONSTRAINT spoilt CHECK (new_address IS NULL) NOT VALID"
    with changed(system, f"ALTER TABLE account_codes {constraint}", "ALTER TABLE account_codes DROP CONSTRAINT spoilt"):
        assert ask().status == 500
    with changed(system, "ALTER TABLE users RENAME language TO l", "ALTER TABLE users RENAME l TO language"):
        assert forget().status == 500


def what_fails_here(system: System, patient: Account, appointment: str) -> None:
    """Faults of ours, in a web process and in the lane."""
    admin = system.account("admin")
    with changed(system, "ALTER TABLE patients RENAME phone TO p", "ALTER TABLE patients RENAME p TO phone"):
        assert admin.call("PATCH", f"/patients/{patient.patient_id}", {"phone": TYPED}).status == 500
        assert register(system, email(6)).status == 500
    constraint = f"ALTER TABLE {{}} ADD CONSTRAINT spoilt CHECK ({{}} NOT LIKE '%{MARK}%') NOT VALID"
    for table, column in (
        ("appointments", "reason"),
        ("appointment_notes", "notes"),
        ("patients", "name"),
        ("patient_remarks", "remark"),
    ):
        with changed(system, constraint.format(table, column), f"ALTER TABLE {table} DROP CONSTRAINT spoilt"):
            failed = [
                patient.call("POST", "/appointments", booking(system)),
                admin.call("PUT", f"/appointments/{appointment}/notes", {"notes": f"{table} {TYPED}"}),
                admin.call("PATCH", f"/patients/{patient.patient_id}", {"name": f"{table} {TYPED}"}),
                admin.call("PATCH", f"/patients/{patient.patient_id}", {"remark": f"{table} {TYPED}"}),
            ]
            assert any(answer.status in (409, 500) for answer in failed), [answer.status for answer in failed]


def what_is_away(system: System, patient: Account) -> None:
    """Redis, and then PostgreSQL, die while people book."""
    system.redis.kill()
    assert patient.call("POST", "/appointments", booking(system), Prefer="respond-async").status == 202
    system.redis.start()
    asked = threading.Thread(target=lambda: [patient.call("POST", "/appointments", booking(system)) for _ in range(20)])
    asked.start()
    system.postgres.kill()
    system.postgres.start()
    asked.join()
    system.mend()


def test_no_log_has_what_people_typed(start_system: StartSystem, connect: Any) -> None:
    """Refusals, locks that are held too long, faults of ours, servers that die: nothing of it is written down."""
    system = start_system()
    before = {log: log.stat().st_size for log in logs_of(system)}
    assert register(system, email(1)).status == 201
    signed_in = call(system.ports[0], "POST", "/api/auth/login", {"email": email(1), "password": PASSWORD}).body
    patient = Account(system.ports, signed_in["user"], signed_in["accessToken"])
    appointment = patient.done("POST", "/appointments", booking(system))["id"]
    address = patient.done("POST", "/auth/me/calendar")["path"]
    secret = address.rpartition("/")[2].removesuffix(".ics")
    what_is_refused(system, patient, connect)
    what_becomes_of_a_secret_address(system, address)
    what_waits_too_long(system, patient, appointment)
    what_becomes_of_the_own_account(system, patient)
    what_fails_here(system, patient, appointment)
    what_is_away(system, patient)
    # The faults were faults: they are in the logs, with the places that they came through.
    wait_until(lambda: "SQLSTATE" in system.log_of(system.web[0]), 10, lambda: "no fault was logged")
    assert "Traceback" in system.log_of(system.web[0])
    assert "SQLSTATE 23514" in system.log_of(system.worker)
    found = {}
    for log in logs_of(system):
        with log.open("rb") as file:
            file.seek(before[log])
            written = file.read().decode(errors="replace").splitlines()
        lines = [line for line in written if MARK.lower() in line.lower() or secret in line]
        if lines:
            found[log.name] = lines[:5]
    assert found == {}
    # What was provoked is no complaint.
    system.complaints()
