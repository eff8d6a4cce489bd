"""What the tests of faults do again and again: book, see what became of it, and ask whether all of it was told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .javascript import Connect, JsClient
from .rest import Account, Answer
from .system import System, wait_until

Payload = dict[str, Any]

# Of everybody who is new.
NEW_PASSWORD = "as-good-as-any"


def booking(system: System) -> dict[str, str]:
    """The body of a booking with dentist 1 at a time that is free."""
    return system.opening().with_dentist(system.account("dentist1").dentist_id)


def book_by_plain_sql(system: System) -> None:
    """Somebody books in psql, for patient 1 with dentist 1."""
    opening, patient, dentist = system.opening(), system.account("patient1"), system.account("dentist1")
    with system.owner() as cursor:
        cursor.execute(
            "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at) VALUES (%s, %s, %s, %s)",
            [patient.patient_id, dentist.dentist_id, opening.starts_at, opening.ends_at],
        )


def somebody_new(system: System, role: str) -> tuple[Payload, Account]:
    """An account of its own, signed in: the user as an admin sees it, and the session."""
    email = f"{role}-{system.opening().starts_at}@live.test".replace(":", "-")
    new = {"email": email, "name": "Somebody", "role": role, "password": NEW_PASSWORD}
    user = system.account("admin").done("POST", "/users", new)
    return user, Account.sign_in(system.ports, email, NEW_PASSWORD)


def rows_at(system: System, body: dict[str, str]) -> int:
    """How many appointments there are at the time of a booking."""
    return int(system.ask("SELECT count(*) FROM appointments WHERE starts_at = %s", body["startsAt"]))


def write_of(account: Account, answer: Answer) -> Payload:
    """What has become of a write that was answered with 202."""
    assert answer.status == 202, answer
    found: Payload = account.get(answer.headers["Location"].removeprefix("/api"))
    return found


def wait_applied(account: Account, answer: Answer) -> Payload:
    """Wait until a write that was answered with 202 is applied."""
    wait_until(lambda: write_of(account, answer)["status"] != "pending", 20, lambda: "the write stayed pending")
    write = write_of(account, answer)
    assert write["status"] == "applied", write
    return write


def told_of(client: JsClient) -> list[str]:
    """The starts of the appointments of which a client was told that they were made, in order."""
    return [payload["appointment"]["startsAt"] for payload in client.events("appointment:created")]


def assert_whole(client: JsClient, since: int) -> None:
    """What an admin got after a position has neither holes nor repetitions: they follow everything."""
    positions = [payload["position"] for _, payload in client.log() if payload["position"] > since]
    assert positions == list(range(since + 1, since + 1 + len(positions)))


def follow_everything(system: System, connect: Connect, web: int) -> tuple[JsClient, int]:
    """An admin in the rooms through which every message of a diary goes, and the position from which on."""
    client = connect(system, "admin", web)
    client.subscribe("appointments:all")
    client.subscribe("availability:all")
    client.subscribe("practice")
    since = system.settled_head()
    client.catch_up_with(since)
    return client, since


@contextmanager
def log_head_locked(system: System) -> Iterator[None]:
    """Somebody holds the head of the log, so that nothing can be published."""
    with system.owner() as cursor:
        cursor.execute("SELECT FROM log_head FOR UPDATE")
        yield


def lane_waits_for_a_lock(system: System) -> bool:
    """Whether the worker's session waits for another one's lock."""
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'dental-sync worker' AND wait_event_type = 'Lock'
    """
    with system.session(system.postgres.superuser_url(system.database)) as cursor:
        cursor.execute(waiting)
        row = cursor.fetchone()
        return row is not None and row[0] > 0


def log_rows(system: System) -> list[tuple[int, list[str]]]:
    """Position and channels of every row of the log, in order."""
    with system.owner() as cursor:
        cursor.execute("SELECT position, channels FROM sync_events ORDER BY position")
        return cursor.fetchall()


def assert_followed(client: JsClient, channel: str, rows: list[tuple[int, list[str]]]) -> None:
    """What a client got that follows a channel by `follow` is what the log has since then: each once, in order."""
    answers = client.resumptions(channel)
    assert [answer for answer in answers if not answer["ok"] or answer["resync"]] == []
    first = answers[0]
    told = [payload["position"] for _, payload in client.log() if channel in payload["channels"]]
    assert told == [position for position, channels in rows if channel in channels and position > first["position"]]


def assert_stayed_connected(*clients: JsClient) -> None:
    """Nobody's connection has ended."""
    for client in clients:
        assert [record for record in client.records if record["kind"] == "disconnect"] == []


def operate(system: System, *command: str) -> None:
    """Run a command of the project's as an operator does: `operate(system, "dental_sync.cli", "new-epoch")`."""
    subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, "DATABASE_URL": system.urls.owner, "REDIS_URL": system.redis.url, "DEMO_MODE": "1"},
        check=True,
        capture_output=True,
    )


def prune_through(system: System, position: int) -> None:
    """Prune the log, all of whose rows up to a position have been made old enough."""
    operate(system, "celery", "-q", "-A", "celery_worker", "call", "prune", "--queue", "housekeeping")
    wait_until(lambda: system.ask("SELECT pruned_through FROM log_head") == position, 15, lambda: "not pruned")
