"""People who book, move and cancel all day, over REST and by plain SQL, and remember what they were promised."""

from __future__ import annotations

import http.client
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2

from dental_sync.core.instants import format_instant, parse_instant

from . import assisting, chairs, doubles, erasing
from .openings import openings
from .rest import Account, Answer
from .system import System

# So few times for so many that they get in each other's way.
TIMES = 120
PATIENTS = 6
# What a caller gets while a process is away; it tries again with the same key.
AWAY = (OSError, http.client.HTTPException)
PATIENCE_SECONDS = 90.0


@dataclass
class Promise:
    """One booking that somebody asked for, known by the words in its reason, and what was answered in the end."""

    words: str
    status: int
    write: str | None = None


@dataclass
class Caller:
    """One person with a telephone: asks for one thing after the other, until told to stop."""

    system: System
    number: int
    seed: int
    promises: list[Promise] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    writes: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._names = ["admin", *(f"patient{n}" for n in range(1, PATIENTS + 1))]
        self._accounts: dict[str, Account] = {}
        self._mine: list[str] = []
        self._chairs = chairs.ChairKeeper(self._call, self._random, self.complaints)
        self._assisted = assisting.AssistedDesk(self._call, self._random, self.complaints)
        self._doubles = doubles.DoublesDesk(self._call, self._random, self.complaints)
        self._eraser = erasing.EraserDesk(self._call, self._random, self.complaints)
        self._thread = threading.Thread(target=self._run, name=f"caller {self.number}", daemon=True)
        self._times = [opening for opening, _ in zip(openings(datetime.now(UTC)), range(TIMES), strict=False)]

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was begun."""
        self._stop.set()

    def join(self) -> None:
        """Wait until it is finished."""
        self._thread.join(PATIENCE_SECONDS + 30)
        if self._thread.is_alive():
            self.complaints.append(f"caller {self.number} hangs")

    def _run(self) -> None:
        kinds = [self._book, self._move, self._cancel, self._change_dentist, self._delete]
        kinds += [self._plain_sql, self._change_patient, self._keep_chairs]
        kinds += [self._squeeze_in, self._undo, self._hand_over, self._book_series, self._cancel_following]
        kinds += [self._book_visits, self._enter_twice, self._erase]
        while not self._stop.is_set():
            act = self._random.choices(kinds, weights=[51, 15, 10, 8, 4, 8, 4, 12, 6, 8, 1, 3, 3, 16, 12, 12])[0]
            try:
                act()
            except psycopg2.Error:
                # PostgreSQL is away, or another session was in the way: nobody was promised anything.
                self._stop.wait(0.1)
            except Exception as failure:
                self.complaints.append(f"caller {self.number}: {failure!r}")
            self.writes += 1

    def _book(self) -> None:
        name = self._random.choice(self._names)
        time_wanted = self._random.choice(self._times)
        words = f"{self.number}-{uuid.UUID(int=self._random.getrandbits(128))}"
        body = time_wanted.with_dentist(self._dentist(), reason=words)
        if name == "admin":
            body["patientId"] = self._patient()
        answer = self._call(name, "POST", "/appointments", body)
        promise = Promise(words, answer.status, answer.body["id"] if answer.status == 202 else None)
        self.promises.append(promise)
        if answer.status == 201:
            self._mine.append(answer.body["id"])
        elif answer.status not in (202, 409):
            self.complaints.append(f"a booking was answered with {answer.status} {answer.code}")

    def _squeeze_in(self) -> None:
        """Beside whoever is there."""
        body = self._random.choice(self._times).with_dentist(self._dentist(), patientId=self._patient())
        answer = self._call("desk", "POST", "/appointments", {**body, "force": True})
        if answer.status == 201:
            self._mine.append(answer.body["id"])
        elif answer.status not in (202, 409):
            self.complaints.append(f"a forced booking was answered with {answer.status} {answer.code}")

    def _undo(self) -> None:
        self._on_mine("POST", "/undo", {}, {200, 202, 404, 409})

    def _hand_over(self) -> None:
        """One morning of a dentist's to another."""
        first = self._random.choice(self._times).starts_at
        until = format_instant(parse_instant(first) + timedelta(hours=2))
        dentists = self._random.sample([self.system.account(f"dentist{n}").dentist_id for n in range(1, 4)], 2)
        body = {"to": dentists[1], "from": first, "until": until, "force": self._random.random() < 0.3}
        answer = self._call("desk", "POST", f"/dentists/{dentists[0]}/hand-over", body)
        if answer.status not in (200, 202):
            self.complaints.append(f"a hand-over was answered with {answer.status} {answer.code}")

    def _book_series(self) -> None:
        body = self._random.choice(self._times).with_dentist(self._dentist(), patientId=self._patient())
        every = {"every": {"unit": "day", "n": 1}, "count": 4}
        answer = self._call("desk", "POST", "/appointments/series", {**body, **every})
        if answer.status == 201:
            self._mine += [one["id"] for one in answer.body["appointments"]]
        elif answer.status not in (202, 409, 422):
            self.complaints.append(f"a series was answered with {answer.status} {answer.code}")

    def _cancel_following(self) -> None:
        self._on_mine("POST", "/cancel", {"scope": "following"}, {200, 202, 404, 409})

    def _move(self) -> None:
        wanted = self._random.choice(self._times)
        # A visit of two treatments is longer than an opening, and may end after the practice has closed: 422.
        self._on_mine("PATCH", "", {"startsAt": wanted.starts_at}, {200, 202, 404, 409, 422})

    def _change_dentist(self) -> None:
        self._on_mine("PATCH", "", {"dentistId": self._dentist()}, {200, 202, 404, 409})

    def _cancel(self) -> None:
        self._on_mine("POST", "/cancel", {"reason": "soak"}, {200, 202, 404, 409})

    def _delete(self) -> None:
        self._on_mine("DELETE", "", None, {204, 202, 404})

    def _change_patient(self) -> None:
        phone = f"030 {self._random.getrandbits(32)}"
        answer = self._call("admin", "PATCH", f"/patients/{self._patient()}", {"phone": phone})
        if answer.status != 200:
            self.complaints.append(f"a patient's phone was answered with {answer.status} {answer.code}")

    def _keep_chairs(self) -> None:
        wanted = self._random.choice(self._times)
        booked = self._chairs.act(wanted, wanted.with_dentist(self._dentist(), patientId=self._patient()))
        if booked is not None:
            self._mine.append(booked)

    def _book_visits(self) -> None:
        wanted = self._random.choice(self._times)
        body = wanted.with_dentist(self._dentist(), patientId=self._patient())
        booked = self._assisted.act(wanted, body, self._mine)
        if booked is not None:
            self._mine.append(booked)

    def _enter_twice(self) -> None:
        body = self._random.choice(self._times).with_dentist(self._dentist())
        booked = self._doubles.act(body, self._patient())
        if booked is not None:
            self._mine.append(booked)

    def _erase(self) -> None:
        booked = self._eraser.act(self._random.choice(self._times).with_dentist(self._dentist()))
        if booked is not None:
            self._mine.append(booked)

    def _on_mine(self, method: str, path: str, body: Any, expected: set[int]) -> None:
        if not self._mine:
            return
        appointment = self._random.choice(self._mine)
        answer = self._call("admin", method, f"/appointments/{appointment}{path}", body)
        if answer.status not in expected:
            self.complaints.append(f"{method} {path} was answered with {answer.status} {answer.code}")

    def _plain_sql(self) -> None:
        words = f"sql-{self.number}-{self._random.getrandbits(32)}"
        wanted = self._random.choice(self._times)
        statements: list[tuple[str, list[object]]] = [
            ("UPDATE appointments SET reason = reason WHERE id = %s", [self._an_id()]),
            ("UPDATE appointments SET cancel_reason = %s WHERE id = %s", [words, self._an_id()]),
            ("UPDATE appointments SET dentist_id = %s WHERE id = %s", [self._dentist(), self._an_id()]),
            ("UPDATE appointments SET patient_id = %s WHERE id = %s", [self._patient(), self._an_id()]),
            ("DELETE FROM appointments WHERE id = %s AND status = 'cancelled'", [self._an_id()]),
            (
                "UPDATE patients SET name = left(name, 10) || %s WHERE id = %s",
                [f" {self._random.randrange(99)}", self._patient()],
            ),
            ("UPDATE patients SET phone = %s WHERE id = %s", [words, self._patient()]),
            ("UPDATE treatments SET name = left(name, 10) || %s", [f" {self._random.randrange(99)}"]),
            (
                "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at, reason)"
                " VALUES (%s, %s, %s, %s, %s)",
                [self._patient(), self._dentist(), wanted.starts_at, wanted.ends_at, words],
            ),
            (
                "INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES (%s, %s, %s)",
                [
                    self._dentist(),
                    format_instant(datetime.now(UTC) + timedelta(days=700)),
                    format_instant(datetime.now(UTC) + timedelta(days=701)),
                ],
            ),
        ]
        statement, values = self._random.choice(statements)
        connection = psycopg2.connect(self.system.urls.owner, options="-c lock_timeout=2s -c statement_timeout=10s")
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
            if self._random.random() < 0.8:
                connection.commit()
            else:
                connection.rollback()
        finally:
            connection.close()

    def _call(self, name: str, method: str, path: str, body: Any) -> Answer:
        """Call until there is an answer: a write is repeated with the same key, as a careful client does."""
        key = str(uuid.UUID(int=self._random.getrandbits(128)))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                account = self._signed_in(name)
                web = self._random.randrange(len(account.ports))
                answer = account.call(method, path, body, web=web, Idempotency_Key=key)
                if answer.status == 401:
                    del self._accounts[name]
                elif answer.status != 503:
                    return answer
            except (*AWAY, AssertionError):
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"no answer to {method} {path} in {PATIENCE_SECONDS:.0f} s")
            time.sleep(0.1)

    def _signed_in(self, name: str) -> Account:
        if name not in self._accounts:
            ports = self._random.sample(self.system.ports, len(self.system.ports))
            self._accounts[name] = Account.sign_in(ports, f"{name}@demo.test", "demo-password-1")
        return self._accounts[name]

    def _an_id(self) -> str:
        return self._random.choice(self._mine) if self._mine else str(uuid.UUID(int=0))

    def _dentist(self) -> str:
        number = self._random.randrange(1, 4)
        return self.system.account(f"dentist{number}").dentist_id

    def _patient(self) -> str:
        return self.system.account(f"patient{self._random.randrange(1, PATIENTS + 1)}").patient_id


def broken_promises(system: System, promises: list[Promise]) -> list[str]:
    """What was answered, against what is in the database: applied exactly once, or not at all."""
    counts: dict[str, int] = {}
    outcomes: dict[str, str] = {}
    with system.owner() as cursor:
        # The log of writes remembers what plain SQL may have deleted since.
        cursor.execute(
            "SELECT body ->> 'reason', count(*) FILTER (WHERE status = 'applied') FROM write_requests"
            " WHERE action = 'book' GROUP BY 1"
        )
        counts.update(cursor.fetchall())
        cursor.execute("SELECT id::text, status FROM write_requests")
        outcomes.update(cursor.fetchall())
        cursor.execute(
            "SELECT reason, count(*) FROM appointments WHERE reason IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
        )
        broken = [f"{count} appointments for one booking: {words}" for words, count in cursor.fetchall()]
    broken += chairs.what_must_not_be(system) + assisting.what_must_not_be(system)
    broken += doubles.what_must_not_be(system) + erasing.what_must_not_be(system)
    for promise in promises:
        applied = counts.get(promise.words, 0)
        if promise.status == 201 and applied != 1:
            broken.append(f"answered 201, applied {applied} times: {promise.words}")
        if promise.status == 409 and applied != 0:
            broken.append(f"answered 409 and applied: {promise.words}")
        if promise.write is not None and outcomes.get(promise.write, "lost") not in ("applied", "rejected"):
            broken.append(f"answered 202 and {outcomes.get(promise.write, 'lost')}: {promise.words}")
    return broken
