"""What callers ask for at the same time is stored together, and each gets their own answer."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.errors import IdempotencyKeyReused, Unauthorized
from dental_sync.core.ids import new_id
from dental_sync.core.late_begin import LateBegin
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.writes.intake import Intake
from dental_sync.writes.storing import Accepted, NewRequest
from tests import plain_sql, signed_in

BODY = {"dentistId": "d", "startsAt": "2030-01-07T09:00:00Z"}


@pytest.fixture
def engine(database: DatabaseUrls) -> Iterator[Engine]:
    """As a web process has it."""
    made = create_engine(sqlalchemy_url(database.web), connect_args={"connection_factory": LateBegin}, pool_size=20)
    yield made
    made.dispose()


@pytest.fixture
def mia(owner: Session) -> Actor:
    """Somebody who has signed in."""
    user = owner.scalar(text("SELECT id FROM users WHERE email = 'patient1@demo.test'"))
    assert isinstance(user, uuid.UUID)
    return signed_in.sign_in(owner, user)


class Door:
    """An intake whose first transaction stays open until `let_go`, so that whoever comes meanwhile gathers."""

    def __init__(self, engine: Engine, callers: ThreadPoolExecutor) -> None:
        self.rings = 0
        self.intake = Intake(engine, self._ring, idempotency_hours=24)
        self.commits: list[int] = []
        self._callers = callers
        self._stored = 0
        self._is_open = threading.Event()
        self._is_held = threading.Event()
        event.listen(engine, "before_cursor_execute", self._hold)
        event.listen(engine, "commit", lambda _connection: self.commits.append(self._stored))

    def ask(self, request: NewRequest) -> Future[Accepted]:
        """Ask in a thread of its own."""
        return self._callers.submit(self.intake.accept, new_id(), request)

    def ask_together(self, *requests: NewRequest) -> list[Future[Accepted]]:
        """Ask for these while another request is being stored, so that they come together."""
        first = self.ask(replace(requests[0], idempotency_key=None))
        assert self._is_held.wait(plain_sql.PATIENCE_SECONDS)
        # Nobody waits for longer than a moment: who gathers here is taken by whoever of them is first.
        with self.intake._lock:
            asked = []
            for request in requests:
                asked.append(self.ask(request))
        self._is_open.set()
        first.result(plain_sql.PATIENCE_SECONDS)
        return asked

    def _ring(self) -> None:
        self.rings += 1

    def _hold(self, _connection: Any, _cursor: Any, _statement: str, parameters: Any, *_rest: Any) -> None:
        # By its values, because a statement that is prepared is sent by its name.
        if "asked" in parameters:
            self._stored = len(json.loads(parameters["asked"]))
            self._is_held.set()
            assert self._is_open.wait(plain_sql.PATIENCE_SECONDS)


@pytest.fixture
def door(engine: Engine) -> Iterator[Door]:
    """Nobody has asked yet."""
    with ThreadPoolExecutor(20) as callers:
        yield Door(engine, callers)


def a_booking(sender: Actor, key: str | None = None, **body: Any) -> NewRequest:
    """A request for a time."""
    return NewRequest(sender, "book", None, {**BODY, **body}, "POST", "/api/appointments", idempotency_key=key)


def test_who_comes_alone_is_stored_at_once_and_rings(engine: Engine, mia: Actor, owner: Session) -> None:
    """It waits for nobody's company."""
    rings: list[int] = []
    id_ = new_id()
    accepted = Intake(engine, lambda: rings.append(1), idempotency_hours=24).accept(id_, a_booking(mia))
    assert accepted == Accepted(id_, None)
    assert rings == [1]
    row = owner.execute(text("SELECT * FROM write_requests")).one()
    assert (row.id, row.sender_id, row.action, row.body, row.status) == (id_, mia.user_id, "book", BODY, "pending")


def test_the_bodys_hash_is_that_of_the_former_release(engine: Engine, mia: Actor, owner: Session) -> None:
    """A repeat that comes after a release is known by it, byte for byte."""
    body = {"reason": "Zähne, 'quer'", "startsAt": "2030-01-07T09:00:00Z"}
    Intake(engine, lambda: None, idempotency_hours=24).accept(new_id(), a_booking(mia, **body))
    canonical = json.dumps({**BODY, **body}, sort_keys=True, separators=(",", ":")).encode()
    assert bytes(owner.scalar(text("SELECT body_hash FROM write_requests"))) == hashlib.sha256(canonical).digest()


def test_who_comes_together_shares_a_transaction_and_a_ring(door: Door, mia: Actor, owner: Session) -> None:
    """And each gets the answer to what they asked."""
    asked = door.ask_together(*(a_booking(mia, reason=str(number)) for number in range(8)))
    ids = [each.result(plain_sql.PATIENCE_SECONDS).id for each in asked]
    stored = owner.execute(text("SELECT id, body ->> 'reason' AS reason FROM write_requests ORDER BY seq")).all()
    reasons = {row.id: row.reason for row in stored}
    assert [reasons[id_] for id_ in ids] == [str(number) for number in range(8)]
    assert len(stored) == 9
    assert len(door.commits) < 9
    assert door.rings == len(door.commits)


def test_two_with_one_key_who_come_together_are_one_request(door: Door, mia: Actor, owner: Session) -> None:
    """And one with that key and another body is refused, without harm to the others."""
    wishes = [a_booking(mia, "k"), a_booking(mia, "k"), a_booking(mia, "k", reason="another"), a_booking(mia, "l")]
    first, second, other, fourth = door.ask_together(*wishes)
    # Whichever of the two bodies came first has the key.
    outcomes = [each.exception(plain_sql.PATIENCE_SECONDS) for each in (first, second, other)]
    assert {type(outcome) for outcome in outcomes} == {type(None), IdempotencyKeyReused}
    assert fourth.result(plain_sql.PATIENCE_SECONDS).outcome is None
    keys = owner.scalars(text("SELECT idempotency_key FROM write_requests WHERE idempotency_key IS NOT NULL"))
    assert sorted(keys) == ["k", "l"]


def test_a_sign_in_that_has_ended_stores_nothing_and_the_others_are_stored(
    door: Door, mia: Actor, owner: Session
) -> None:
    """Though the process may still remember it: the database looks at each."""
    noah_id = owner.scalar(text("SELECT id FROM users WHERE email = 'patient2@demo.test'"))
    assert isinstance(noah_id, uuid.UUID)
    noah = signed_in.sign_in(owner, noah_id)
    owner.execute(text("UPDATE auth_sessions SET revoked_at = now() WHERE id = :id"), {"id": noah.session_id})
    owner.commit()
    in_mias_name = replace(noah, user_id=mia.user_id)
    with_mias_session = replace(noah, session_id=mia.session_id)
    ended = [noah, in_mias_name, with_mias_session, replace(mia, session_id=None)]
    good, *refused = door.ask_together(a_booking(mia), *(a_booking(sender) for sender in ended))
    assert good.result(plain_sql.PATIENCE_SECONDS).outcome is None
    for each in refused:
        assert isinstance(each.exception(plain_sql.PATIENCE_SECONDS), Unauthorized)
    assert set(owner.scalars(text("SELECT sender_id FROM write_requests"))) == {mia.user_id}


def test_an_account_that_is_switched_off_stores_nothing(engine: Engine, mia: Actor, owner: Session) -> None:
    """Whether its sessions were ended or not."""
    owner.execute(text("UPDATE users SET active = false WHERE id = :id"), {"id": mia.user_id})
    owner.commit()
    with pytest.raises(Unauthorized):
        Intake(engine, lambda: None, idempotency_hours=24).accept(new_id(), a_booking(mia))


def test_what_the_database_has_against_one_is_not_the_others_failure(door: Door, mia: Actor, owner: Session) -> None:
    """They are stored one by one then."""
    # PostgreSQL's jsonb has no U+0000. The doors refuse it; here it stands for whatever they overlook.
    good, bad, too = door.ask_together(a_booking(mia), a_booking(mia, reason="\x00"), a_booking(mia))
    assert isinstance(bad.exception(plain_sql.PATIENCE_SECONDS), DataError)
    ids = {each.result(plain_sql.PATIENCE_SECONDS).id for each in (good, too)}
    assert ids < set(owner.scalars(text("SELECT id FROM write_requests")))


def test_what_was_committed_though_the_answer_was_lost_is_stored_once(
    engine: Engine, mia: Actor, owner: Session
) -> None:
    """It is found by its id when it is sent again."""
    lost: list[int] = []

    def lose(connection: Any) -> None:
        if not lost:
            lost.append(1)
            connection.connection.dbapi_connection.commit()
            raise DataError("COMMIT", {}, Exception("the answer was lost"))

    event.listen(engine, "commit", lose)
    id_ = new_id()
    accepted = Intake(engine, lambda: None, idempotency_hours=24).accept(id_, a_booking(mia))
    assert accepted == Accepted(id_, None)
    assert owner.scalar(text("SELECT count(*) FROM write_requests")) == 1


def test_more_than_a_transaction_takes_are_all_stored(
    engine: Engine, mia: Actor, owner: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One group after the other; nobody is left to wait."""
    monkeypatch.setattr("dental_sync.writes.intake.MOST_AT_ONCE", 3)
    intake = Intake(engine, lambda: None, idempotency_hours=24)
    with ThreadPoolExecutor(20) as callers:
        asked = [callers.submit(intake.accept, new_id(), a_booking(mia)) for _ in range(60)]
        assert len({each.result(plain_sql.PATIENCE_SECONDS).id for each in asked}) == 60
    assert owner.scalar(text("SELECT count(*) FROM write_requests")) == 60
