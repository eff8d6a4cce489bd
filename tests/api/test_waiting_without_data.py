"""What waits for a lock of somebody else holds nothing that people typed: PostgreSQL logs what has waited too long.

Each test holds a lock, sends a request with marked data, and looks at the statements that wait.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records import patients_import
from tests import plain_sql
from tests.api.test_appointments import a_check_up
from tests.conftest import Caller, Practice, sign_in_to

MARK = "Ottilie"
# For names, addresses, passwords and notes alike.
TYPED = f"{MARK} Marked 0171"
EMAIL = f"{MARK}@marked.example"
PASSWORD = f"{MARK}-horse-battery-staple"

Waits = Callable[[str, Callable[[], Any]], list[str]]


@pytest.fixture
def waits(database: DatabaseUrls, servers: TemporaryServers) -> Waits:
    """Hold the locks of a statement until somebody waits for them, and say which statements have waited."""
    name = database.owner.rsplit("/", 1)[1]
    waiting = text("SELECT query FROM pg_stat_activity WHERE datname = :name AND wait_event_type = 'Lock'")

    def watch(held: str, ask: Callable[[], Any]) -> list[str]:
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(ask()))
        seen: set[str] = set()
        with (
            plain_sql.connect(database.owner) as holder,
            plain_sql.connect(servers.postgres.superuser_url()) as watcher,
        ):
            holder.execute(text(held))
            asking.start()
            deadline = time.monotonic() + plain_sql.PATIENCE_SECONDS
            # A little longer than the first wait, for a second one may follow it.
            until = deadline
            while time.monotonic() < until:
                for query in watcher.scalars(waiting, {"name": name}):
                    seen.add(query)
                    until = min(until, time.monotonic() + 0.3) if until == deadline else until
                watcher.rollback()
                time.sleep(0.01)
            holder.rollback()
        asking.join()
        assert seen, f"nobody waited for {held}"
        assert answers[0].status_code < 300, answers[0].json
        return sorted(seen)

    return watch


@pytest.fixture
def booked(sign_in: Callable[..., Caller], practice: Practice) -> str:
    """An appointment of patient 1 with dentist 1."""
    answer = sign_in("patient1").post("/appointments", a_check_up(practice))
    assert answer.status_code == 201
    appointment: str = answer.json["id"]
    return appointment


def assert_unmarked(statements: list[str]) -> None:
    """None of them holds what was typed."""
    assert MARK not in "\n".join(statements)


FIRST, AGAIN = True, False
# Somebody else is about to make the row.
BEGUN = "INSERT INTO appointment_notes (appointment_id, notes, updated_by) SELECT '{id}', '', id FROM users LIMIT 1"


@pytest.mark.parametrize(
    ("held", "when"),
    [
        ("SELECT FROM appointments WHERE id = '{id}' FOR UPDATE", FIRST),
        (BEGUN, FIRST),
        ("LOCK TABLE appointment_notes IN SHARE MODE", FIRST),
        ("SELECT FROM users FOR UPDATE", FIRST),
        ("SELECT FROM appointment_notes FOR UPDATE", AGAIN),
        ("LOCK TABLE appointment_notes IN SHARE MODE", AGAIN),
        ("SELECT FROM users FOR UPDATE", AGAIN),
    ],
)
def test_notes(
    sign_in: Callable[..., Caller], booked: str, owner: Session, waits: Waits, held: str, when: bool
) -> None:
    """Whether they are the first of their appointment or not."""
    if when is AGAIN:
        sign_in("admin").call("PUT", f"/appointments/{booked}/notes", {"notes": "before"})
    dentist = sign_in("dentist1")
    ask = lambda: dentist.call("PUT", f"/appointments/{booked}/notes", {"notes": TYPED})  # noqa: E731
    assert_unmarked(waits(held.format(id=booked), ask))
    assert owner.scalar(text("SELECT notes FROM appointment_notes")) == TYPED


@pytest.mark.parametrize(
    "held",
    [
        "SELECT FROM users FOR UPDATE",
        "SELECT FROM patients FOR UPDATE",
        "LOCK TABLE acting IN SHARE MODE",
        "LOCK TABLE record_changes IN SHARE MODE",
        "INSERT INTO acting (user_id, patient_id, kind) SELECT user_id, '{id}', 'guardian' FROM patients"
        " WHERE name = 'Noah Becker'",
    ],
)
def test_what_a_guardian_is(
    sign_in: Callable[..., Caller], practice: Practice, owner: Session, waits: Waits, held: str
) -> None:
    """Although somebody else is about to grant the same."""
    desk, patient = sign_in("desk"), practice.patients[0]
    body = {"patientId": str(practice.patients[1]), "relation": TYPED}
    ask = lambda: desk.post(f"/patients/{patient}/guardians", body)  # noqa: E731
    assert_unmarked(waits(held.format(id=patient), ask))
    assert owner.scalar(text("SELECT relation FROM acting WHERE kind = 'guardian'")) == TYPED


@pytest.mark.parametrize(
    "held",
    [
        "SELECT FROM users FOR UPDATE",
        "SELECT FROM patients FOR UPDATE",
        "LOCK TABLE invitations IN SHARE MODE",
        "INSERT INTO invitations (patient_id, kind, code_hash, expires_at) VALUES ('{id}', 'guardian', 'x', now())",
    ],
)
def test_what_an_invited_guardian_is(
    sign_in: Callable[..., Caller], practice: Practice, owner: Session, waits: Waits, held: str
) -> None:
    """Although somebody else is about to invite for the same patient."""
    desk, patient = sign_in("desk"), practice.patients[0]
    body = {"as": "guardian", "relation": TYPED}
    ask = lambda: desk.post(f"/patients/{patient}/invitation", body)  # noqa: E731
    assert_unmarked(waits(held.format(id=patient), ask))
    assert owner.scalar(text("SELECT relation FROM invitations")) == TYPED


@pytest.mark.parametrize(
    "held",
    [
        "SELECT FROM patients WHERE id = '{id}' FOR UPDATE",
        "SELECT FROM users FOR UPDATE",
        "SELECT FROM appointments WHERE patient_id = '{id}' FOR UPDATE",
        "LOCK TABLE patients IN SHARE MODE",
        "LOCK TABLE appointments IN SHARE MODE",
        "LOCK TABLE record_changes IN SHARE MODE",
    ],
)
@pytest.mark.usefixtures("booked")
def test_what_is_known_about_a_patient(
    sign_in: Callable[..., Caller], practice: Practice, waits: Waits, held: str
) -> None:
    """A new name is the account's and every appointment's too."""
    desk, patient = sign_in("desk"), practice.patients[0]
    ask = lambda: desk.call("PATCH", f"/patients/{patient}", {"name": TYPED, "phone": TYPED, "remark": TYPED})  # noqa: E731
    assert_unmarked(waits(held.format(id=patient), ask))


# As above: somebody else is about to make the row.
REMARK_BEGUN = "INSERT INTO patient_remarks (patient_id, updated_by) SELECT '{id}', id FROM users LIMIT 1"


@pytest.mark.parametrize(
    ("held", "when"),
    [
        ("SELECT FROM patients WHERE id = '{id}' FOR UPDATE", FIRST),
        (REMARK_BEGUN, FIRST),
        ("LOCK TABLE patient_remarks IN SHARE MODE", FIRST),
        ("SELECT FROM users FOR UPDATE", FIRST),
        ("SELECT FROM patient_remarks FOR UPDATE", AGAIN),
        ("LOCK TABLE patient_remarks IN SHARE MODE", AGAIN),
        ("SELECT FROM users FOR UPDATE", AGAIN),
    ],
)
@pytest.mark.usefixtures("booked")
def test_a_remark(
    sign_in: Callable[..., Caller], practice: Practice, owner: Session, waits: Waits, held: str, when: bool
) -> None:
    """Whether there was one before or not."""
    dentist, patient = sign_in("dentist1"), practice.patients[0]
    if when is AGAIN:
        dentist.patch(f"/patients/{patient}", {"remark": "before"})
    ask = lambda: dentist.patch(f"/patients/{patient}", {"remark": TYPED})  # noqa: E731
    assert_unmarked(waits(held.format(id=patient), ask))
    assert owner.scalar(text("SELECT remark FROM patient_remarks")) == TYPED


@pytest.mark.parametrize(
    "held", ["SELECT FROM {table} WHERE name IS NOT NULL FOR UPDATE", "LOCK TABLE {table} IN SHARE MODE"]
)
@pytest.mark.parametrize(("who", "table"), [("patient1", "patients"), ("dentist1", "dentists"), ("dentist1", "users")])
def test_the_name_of_an_account(sign_in: Callable[..., Caller], waits: Waits, held: str, who: str, table: str) -> None:
    """It is also the name of the record that belongs to it."""
    admin, account = sign_in("admin"), sign_in(who).user["id"]
    ask = lambda: admin.call("PATCH", f"/users/{account}", {"name": TYPED})  # noqa: E731
    assert_unmarked(waits(held.format(table=table), ask))


@pytest.mark.parametrize("table", ["patients", "patient_remarks", "record_changes"])
def test_a_new_patient(sign_in: Callable[..., Caller], waits: Waits, table: str) -> None:
    """Whoever changes the table as a whole is waited for before, and of the table in which a trigger notes it."""
    desk = sign_in("desk")
    facts = {"name": TYPED, "email": EMAIL, "phone": "0171", "remark": TYPED}
    assert_unmarked(waits(f"LOCK TABLE {table} IN SHARE MODE", lambda: desk.post("/patients", facts)))


@pytest.mark.parametrize("table", ["patients", "patient_remarks", "record_changes", "audit"])
def test_the_patients_of_a_file(
    app: APIFlask, database: DatabaseUrls, waits: Waits, owner: Session, table: str
) -> None:
    """Thousands of names at once: they are in a table of the import's own before anything is waited for."""
    content = f"name,phone,email,birthDate,remark\n{TYPED},0171,{EMAIL},1980-12-31,{TYPED}\n".encode()

    def bring() -> Any:
        with app.app_context(), plain_sql.connect(database.owner) as session:
            report = patients_import.run(
                session,
                io.BytesIO(content),
                doubles="refuse",
                dry_run=False,
                now=datetime.now(UTC),
                remarks_by="desk@demo.test",
            )
            session.commit()
        return SimpleNamespace(status_code=500 if report.refusal else 200, json=report.sentences)

    assert_unmarked(waits(f"LOCK TABLE {table} IN SHARE MODE", bring))
    assert owner.scalar(text("SELECT remark FROM patient_remarks")) == TYPED


def test_a_search(sign_in: Callable[..., Caller], waits: Waits) -> None:
    """It is what somebody said on the telephone."""
    admin = sign_in("admin")
    assert_unmarked(waits("LOCK TABLE patients IN ACCESS EXCLUSIVE MODE", lambda: admin.get(f"/patients?q={MARK}")))


@pytest.mark.parametrize("table", ["users", "patients", "record_changes"])
def test_registering(app: APIFlask, waits: Waits, table: str) -> None:
    """Name, address and hash."""
    body = {"email": EMAIL, "password": PASSWORD, "name": TYPED}
    ask = lambda: app.test_client().post("/api/auth/register", json=body)  # noqa: E731
    assert_unmarked(waits(f"LOCK TABLE {table} IN SHARE MODE", ask))


def test_signing_in(app: APIFlask, waits: Waits) -> None:
    """The address that somebody typed."""
    body = {"email": EMAIL, "password": PASSWORD, "name": "x"}
    assert app.test_client().post("/api/auth/register", json=body).status_code == 201
    body.pop("name")
    ask = lambda: app.test_client().post("/api/auth/login", json=body)  # noqa: E731
    assert_unmarked(waits("LOCK TABLE users IN ACCESS EXCLUSIVE MODE", ask))


@pytest.mark.parametrize("held", ["SELECT FROM users FOR UPDATE", "LOCK TABLE write_requests IN SHARE MODE"])
def test_what_is_asked_of_the_lane(sign_in: Callable[..., Caller], practice: Practice, waits: Waits, held: str) -> None:
    """The request is stored with the reason that a patient gave."""
    patient = sign_in("patient1")
    wish = {**a_check_up(practice), "reason": TYPED}
    assert_unmarked(waits(held, lambda: patient.post("/appointments", wish, Prefer="respond-async")))


def test_a_repeated_request_waits_for_the_first_without_its_body(
    app: APIFlask, practice: Practice, waits: Waits, owner: Session
) -> None:
    """Two with one key at the same moment, while the table is held: one booking, and both are answered."""
    wish = {**a_check_up(practice), "reason": TYPED}

    patients = [sign_in_to(app, "patient1") for _ in range(2)]
    answers: list[Any] = []

    def ask_as(patient: Caller) -> None:
        answers.append(patient.post("/appointments", wish, Idempotency_Key="one", Prefer="respond-async"))

    def ask() -> Any:
        asked = [threading.Thread(target=ask_as, args=[patient]) for patient in patients]
        for thread in asked:
            thread.start()
        for thread in asked:
            thread.join()
        assert [answer.status_code < 300 for answer in answers] == [True, True]
        return answers[0]

    assert_unmarked(waits("LOCK TABLE write_requests IN SHARE MODE", ask))
    assert owner.scalar(text("SELECT count(*) FROM write_requests")) == 1


def test_time_off(sign_in: Callable[..., Caller], practice: Practice, waits: Waits) -> None:
    """Its reason may be an illness; the lane waits for a dentist's row without it."""
    admin, dentist = sign_in("admin"), practice.dentists[0]
    body = {"startsAt": "2031-01-06T08:00:00Z", "endsAt": "2031-01-06T09:00:00Z", "reason": TYPED}
    statements = waits(
        f"SELECT FROM dentists WHERE id = '{dentist}' FOR UPDATE",
        lambda: admin.post(f"/dentists/{dentist}/time-off", body),
    )
    assert_unmarked(statements)


@pytest.mark.parametrize(
    ("held", "path", "body"),
    [
        (
            "SELECT FROM chairs FOR UPDATE",
            "/chairs/{chair}/time-off",
            {"startsAt": "2031-01-06T08:00:00Z", "endsAt": "2031-01-06T09:00:00Z", "reason": TYPED},
        ),
        (
            "LOCK TABLE chair_time_off IN SHARE MODE",
            "/chairs/{chair}/time-off",
            {"startsAt": "2031-01-06T08:00:00Z", "endsAt": "2031-01-06T09:00:00Z", "reason": TYPED},
        ),
        ("LOCK TABLE chairs IN SHARE MODE", "/chairs", {"name": TYPED, "kind": TYPED}),
    ],
)
def test_a_chair(sign_in: Callable[..., Caller], waits: Waits, held: str, path: str, body: dict[str, str]) -> None:
    """Its name and why it is away are typed; the lane waits for the row and the tables without them."""
    admin = sign_in("admin")
    chair = admin.post("/chairs", {"name": "Room 1", "kind": "surgery"}).json["id"]
    assert_unmarked(waits(held, lambda: admin.post(path.format(chair=chair), body)))
