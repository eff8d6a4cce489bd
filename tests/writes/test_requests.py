"""Write requests from the calling side: accepted once, waited for, rung for, and never lost."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.broker import celery
from dental_sync.core.errors import IdempotencyKeyReused
from dental_sync.core.redis import redis
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.storage import row_security
from dental_sync.writes import requests, storing
from dental_sync.writes.bell import RING_KEY, RING_MILLISECONDS, Bell, wake_lane
from dental_sync.writes.waiting import Waiting
from tests import plain_sql, signed_in

BODY = {"dentistId": "d", "startsAt": "2030-01-07T09:00:00Z"}
OUTCOME = {"status": 201, "headers": {}, "body": {"id": "x"}}


@pytest.fixture
def web(database: DatabaseUrls) -> Iterator[Session]:
    """A session as a web process has it."""
    with plain_sql.connect(database.web) as session:
        yield session


def an_actor(session: Session, name: str = "patient1") -> Actor:
    """A demo account, as which the session goes on."""
    row_security.become(session, row_security.SYSTEM)
    user_id = session.scalar(text("SELECT id FROM users WHERE email = :email"), {"email": f"{name}@demo.test"})
    assert isinstance(user_id, uuid.UUID)
    return signed_in.sign_in(session, user_id)


def accept(session: Session, actor: Actor, *, key: str | None = "k", **facts: Any) -> storing.Accepted:
    """Accept a booking, without committing."""
    wish = storing.NewRequest(
        sender=actor,
        action=facts.get("action", "book"),
        subject_id=None,
        body=facts.get("body", BODY),
        method=facts.get("method", "POST"),
        path=facts.get("path", "/api/appointments"),
        idempotency_key=key,
    )
    return storing.store_one(session, wish, idempotency_hours=24)


def decide(owner: Session, request_id: uuid.UUID) -> None:
    """Store an outcome, as the lane does."""
    owner.execute(
        text("""UPDATE write_requests SET status = 'applied', outcome = '{"status": 201}' WHERE id = :id"""),
        {"id": request_id},
    )
    owner.commit()


def test_a_request_is_stored_as_it_was_asked(web: Session) -> None:
    """Pending, in the order of coming, with everything that is needed to decide it later."""
    actor = an_actor(web)
    first, second = accept(web, actor, key=None), accept(web, actor, key=None)
    web.commit()
    rows = web.execute(text("SELECT * FROM write_requests ORDER BY seq")).all()
    assert [row.id for row in rows] == [first.id, second.id]
    assert (rows[0].status, rows[0].attempts, rows[0].outcome) == ("pending", 0, None)
    assert (rows[0].sender_id, rows[0].action, rows[0].body) == (actor.user_id, "book", BODY)
    assert first.outcome is None


# Idempotency.


def test_the_same_key_and_body_is_the_same_request(web: Session, owner: Session) -> None:
    """While it is pending and once it is decided; the order of the body's members is nobody's business."""
    actor = an_actor(web)
    first = accept(web, actor)
    web.commit()
    again = accept(web, actor, body=dict(reversed(BODY.items())))
    assert again == storing.Accepted(first.id, None)
    web.commit()
    decide(owner, first.id)
    assert accept(web, actor) == storing.Accepted(first.id, {"status": 201})
    assert web.scalar(text("SELECT count(*) FROM write_requests")) == 1


def test_the_same_key_with_another_body_is_refused(web: Session) -> None:
    """Two different bookings with one key are a mistake of the caller's program."""
    actor = an_actor(web)
    accept(web, actor)
    web.commit()
    with pytest.raises(IdempotencyKeyReused):
        accept(web, actor, body={**BODY, "reason": "x"})


@pytest.mark.parametrize(
    "facts", [{"path": "/api/appointments/1/cancel"}, {"method": "PATCH"}, {"key": "K"}, {"key": None}], ids=str
)
def test_a_key_counts_for_one_method_and_path(web: Session, facts: dict[str, Any]) -> None:
    """And as it is written; without a key every request is one of its own."""
    actor = an_actor(web)
    assert accept(web, actor, **facts).id != accept(web, actor).id


def test_a_key_counts_for_one_sender(web: Session) -> None:
    """Nobody can guess another's outcome."""
    assert accept(web, an_actor(web)).id != accept(web, an_actor(web, "patient2")).id


def test_a_key_is_forgotten_after_a_day(web: Session, owner: Session) -> None:
    """Within it the old outcome comes back; after it the key is free for anything."""
    actor = an_actor(web)
    first = accept(web, actor)
    web.commit()
    decide(owner, first.id)
    age = text("UPDATE write_requests SET received_at = clock_timestamp() - :age WHERE id = :id")
    owner.execute(age, {"age": timedelta(hours=23, minutes=59), "id": first.id})
    owner.commit()
    assert accept(web, actor).id == first.id
    web.rollback()
    owner.execute(age, {"age": timedelta(hours=24, minutes=1), "id": first.id})
    owner.commit()
    second = accept(web, actor, body={**BODY, "reason": "another"})
    web.commit()
    assert second.id != first.id
    assert second.outcome is None
    assert requests.outcome_of(web, first.id) == {"status": 201}


@pytest.mark.parametrize("first_ends_with", ["commit", "rollback"])
def test_two_calls_with_one_key_at_once_are_one_request(
    web: Session, database: DatabaseUrls, owner: Session, first_ends_with: str
) -> None:
    """The second waits for the first to be stored, and is the first's repeat, or the first if that one failed."""
    actor = an_actor(web)
    first = accept(web, actor)

    def repeat() -> storing.Accepted:
        with plain_sql.connect(database.web, actor) as session:
            accepted = accept(session, actor)
            session.commit()
            return accepted

    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(repeat)
        plain_sql.until_blocked(owner)
        getattr(web, first_ends_with)()
        accepted = second.result(timeout=plain_sql.PATIENCE_SECONDS)
    assert (accepted.id == first.id) == (first_ends_with == "commit")
    assert web.scalar(text("SELECT count(*) FROM write_requests")) == 1


# Looking it up.


def test_a_write_is_shown_to_its_sender_and_to_admins(web: Session) -> None:
    """For everybody else it is not there."""
    actor = an_actor(web)
    request = accept(web, actor).id
    web.commit()
    assert requests.find(web, actor, request) == {"id": str(request), "status": "pending"}
    assert requests.find(web, an_actor(web, "admin"), request) is not None
    assert requests.find(web, an_actor(web, "patient2"), request) is None
    assert requests.find(web, an_actor(web, "dentist1"), request) is None
    assert requests.find(web, actor, uuid.uuid4()) is None


def test_decided_requests_are_deleted_after_their_retention_and_pending_ones_never(
    web: Session, owner: Session, database: DatabaseUrls
) -> None:
    """However long the worker was away, what nobody decided is still to be decided."""
    actor = an_actor(web)
    old, fresh, pending = (accept(web, actor, key=None).id for _ in range(3))
    web.commit()
    decide(owner, old)
    decide(owner, fresh)
    aged = text(
        "UPDATE write_requests SET received_at = now() - interval '30 days', decided_at = now() - :age WHERE id = :id"
    )
    owner.execute(aged, {"age": timedelta(days=8), "id": old})
    owner.execute(aged, {"age": timedelta(days=6), "id": fresh})
    owner.execute(aged, {"age": timedelta(days=30), "id": pending})
    owner.commit()
    with plain_sql.connect(database.worker) as worker:
        assert requests.prune(worker, retention_days=7, limit=10) == 1
        assert requests.prune(worker, retention_days=7, limit=10) == 0
        worker.commit()
    assert set(web.scalars(text("SELECT id FROM write_requests"))) == {fresh, pending}


# Waiting.


def test_a_waiting_call_is_woken_by_its_own_outcome() -> None:
    """Not by another's; every call that waits for the same request is woken."""
    waiting, mine, other = Waiting(), uuid.uuid4(), uuid.uuid4()

    def look() -> None:
        raise AssertionError("nobody should have to look")

    with waiting.expect(mine) as one, waiting.expect(mine) as two, waiting.expect(other) as three:
        waiting.resolve({str(mine): OUTCOME, str(uuid.uuid4()): {}})
        assert one.wait(20, look) == two.wait(20, look) == OUTCOME
        assert not three.event.is_set()


def test_an_outcome_that_comes_before_the_call_waits_is_not_lost() -> None:
    """The worker may be faster than the caller's own commit."""
    waiting, mine = Waiting(), uuid.uuid4()
    with waiting.expect(mine) as slot:
        waiting.resolve({str(mine): OUTCOME})
        assert slot.wait(0, lambda: None) == OUTCOME


def test_a_call_whose_message_was_lost_looks_for_itself() -> None:
    """Redis told nothing, the database knows."""
    waiting = Waiting()
    with waiting.expect(uuid.uuid4()) as slot:
        assert slot.wait(20, lambda: OUTCOME) == OUTCOME


def test_a_call_waits_no_longer_than_it_was_told() -> None:
    """Then it gives up, having looked a last time."""
    looks: list[int] = []
    with Waiting().expect(uuid.uuid4()) as slot:
        assert slot.wait(0.01, lambda: looks.append(1)) is None
    assert looks == [1]


def test_who_no_longer_waits_is_forgotten() -> None:
    """A late outcome finds nobody, and nothing is kept of a call that has gone."""
    waiting, mine = Waiting(), uuid.uuid4()
    with pytest.raises(KeyError), waiting.expect(mine):
        raise KeyError
    waiting.resolve({str(mine): OUTCOME})
    assert waiting._waiting == {}


# Ringing.


def start_thread(target: Any) -> threading.Thread:
    """As a process does."""
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def test_many_rings_at_once_are_one_and_none_is_lost() -> None:
    """While the bell rings, everybody who asks shares the next ring."""
    rings: list[int] = []
    ringing, go_on, rung_again = threading.Event(), threading.Event(), threading.Event()

    def ring() -> None:
        rings.append(1)
        if len(rings) == 1:
            ringing.set()
            go_on.wait(plain_sql.PATIENCE_SECONDS)
        else:
            rung_again.set()

    bell = Bell(ring, start_thread)
    bell.ring()
    assert ringing.wait(plain_sql.PATIENCE_SECONDS)
    for _ in range(100):
        bell.ring()
    go_on.set()
    assert rung_again.wait(plain_sql.PATIENCE_SECONDS)
    assert len(rings) == 2


def test_a_bell_that_cannot_ring_rings_again_the_next_time(caplog: pytest.LogCaptureFixture) -> None:
    """The broker is away: a line in the log, and the caller notices nothing."""
    rings: list[int] = []
    failed, rung = threading.Event(), threading.Event()

    def ring() -> None:
        rings.append(1)
        if len(rings) == 1:
            failed.set()
            raise ConnectionError("the broker is away")
        rung.set()

    bell = Bell(ring, start_thread)
    bell.ring()
    assert failed.wait(plain_sql.PATIENCE_SECONDS)
    bell.ring()
    assert rung.wait(plain_sql.PATIENCE_SECONDS)
    assert "could not ring for the lane" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_ring_on_its_way_is_enough(app: APIFlask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand requests send one task over all processes, and the lane clears the flag before it looks."""
    sent: list[str] = []
    monkeypatch.setattr(celery, "send_task", lambda name, **_options: sent.append(name))
    with app.app_context():
        redis().delete(RING_KEY)
        for _ in range(3):
            wake_lane()
        assert sent == ["process_writes"]
        assert 0 < redis().pttl(RING_KEY) <= RING_MILLISECONDS
        redis().delete(RING_KEY)
        wake_lane()
    assert sent == ["process_writes"] * 2
