"""The Celery tasks, without Celery: what they do with the worker's rights, and what they survive.

Called as `.run`: a task called by itself runs in the context of the app that was made last, which here is the web's.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from redis import ConnectionError as RedisConnectionError
from redis import Redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.redis import connect_redis, redis
from dental_sync.core.seen import LANE_SEEN_KEY
from dental_sync.local.embedded.server import free_port
from dental_sync.processes import tasks
from dental_sync.sync import log
from dental_sync.sync.message_queue import HEARTBEAT, QUEUE_CHANNEL, WRITES_DECIDED
from tests import plain_sql
from tests.api.test_appointments import a_check_up
from tests.conftest import Caller, Practice, a_free_monday, mute

MONDAY = a_free_monday()


@pytest.fixture
def queue(settings: Settings) -> Iterator[Callable[[], list[tuple[str, Any, Any]]]]:
    """What the web processes get through Redis: event, payload, rooms."""
    tasks._emitter.cache_clear()
    redis: Redis = connect_redis(settings.redis_url)
    redis.flushdb()
    listening = redis.pubsub(ignore_subscribe_messages=True)
    listening.subscribe(QUEUE_CHANNEL)
    assert listening.get_message(timeout=5) is None

    def arrived() -> list[tuple[str, Any, Any]]:
        # Redis keeps the order, so everything that was sent before is here before this.
        redis.publish(QUEUE_CHANNEL, "null")
        found = []
        while True:
            message = listening.get_message(timeout=plain_sql.PATIENCE_SECONDS)
            assert message is not None
            sent = json.loads(message["data"])
            if sent is None:
                return found
            # What goes together is one message to Redis.
            found += [
                (each["event"], each["data"][0], each["room"]) for each in (sent if type(sent) is list else [sent])
            ]

    yield arrived
    listening.close()
    redis.close()
    tasks._emitter.cache_clear()


def store(app: APIFlask, caller: Caller, body: dict[str, Any]) -> str:
    """Ask for a booking while nobody rings."""
    mute(app)
    answer = caller.post("/appointments", body, Prefer="respond-async")
    assert answer.status_code == 202
    request_id: str = answer.json["id"]
    return request_id


def test_processing_writes_tells_the_outcome_first_and_then_the_rooms(
    app: APIFlask, worker_app: APIFlask, sign_in: Callable[..., Caller], practice: Practice, queue: Any, owner: Session
) -> None:
    """Everybody gets everything, in the order of the log; a message without rooms too, or there would be a hole."""
    with worker_app.app_context():
        tasks.process_writes.run()
    queue()
    before = log.head(owner).position
    owner.rollback()
    patient, leaver = sign_in("patient1"), sign_in("patient2")
    request_id = store(app, patient, a_check_up(practice))
    leaver.post("/auth/logout")
    with worker_app.app_context():
        tasks.process_writes.run()
        assert redis().exists(LANE_SEEN_KEY)
    [(event, outcomes, _), *messages] = queue()
    assert event == WRITES_DECIDED
    assert outcomes[request_id]["status"] == 201
    assert [payload["position"] for _, payload, _ in messages] == [before + 1, before + 2, before + 3]
    assert {event for event, _, _ in messages} == {"appointment:created", "availability:changed", "account:revoked"}
    assert all(rooms for _, _, rooms in messages)
    created = next(payload for event, payload, _ in messages if event == "appointment:created")
    assert created["appointment"] == outcomes[request_id]["body"]


def test_a_heartbeat_goes_to_every_subscribed_socket(worker_app: APIFlask, queue: Any) -> None:
    """With the time; each web process adds its position."""
    with worker_app.app_context():
        tasks.heartbeat.run()
    [(event, payload, room)] = queue()
    assert (event, set(payload), room) == (HEARTBEAT, {"timestamp"}, "heartbeat")


def test_writes_are_applied_while_redis_is_away(
    app: APIFlask, settings: Settings, sign_in: Callable[..., Caller], practice: Practice, owner: Session
) -> None:
    """Nobody can be told, and nothing is lost: the row, the outcome and the messages are there."""
    from dental_sync import create_app
    from dental_sync.core.extensions import db

    request_id = store(app, sign_in("patient1"), a_check_up(practice))
    away = dataclasses.replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}")
    tasks._emitter.cache_clear()
    cut_off = create_app(away, process="worker")
    with cut_off.app_context():
        tasks.process_writes.run()
        db.engine.dispose()
    tasks._emitter.cache_clear()
    status = owner.scalar(text("SELECT status FROM write_requests WHERE id = :id"), {"id": request_id})
    assert status == "applied"
    assert any(m.payload.get("appointment", {}).get("startsAt") for m in log.read(owner, since=0, limit=10_000))


def test_pruning_deletes_what_is_past_its_retention_and_nothing_else(
    worker_app: APIFlask, owner: Session, practice: Practice, sign_in: Callable[..., Caller], app: APIFlask
) -> None:
    """Messages, decided requests and expired sign-ins, with the worker's rights."""
    log.publish(owner, wait=True)
    position = log.head(owner).position
    pending = store(app, sign_in("patient1"), a_check_up(practice))
    old = store(app, sign_in("patient2"), a_check_up(practice))
    owner.execute(text("UPDATE sync_events SET occurred_at = now() - interval '8 days' WHERE position <= 10"))
    owner.execute(
        text(
            "UPDATE write_requests SET status = 'rejected', outcome = '{}', decided_at = now() - interval '8 days'"
            " WHERE id = :id"
        ),
        {"id": old},
    )
    expired = text(
        "UPDATE auth_sessions SET expires_at = now() - interval '1 second'"
        " WHERE user_id = (SELECT id FROM users WHERE email = 'patient3@demo.test') RETURNING id"
    )
    ended = len(owner.execute(expired).all())
    sessions = owner.scalar(text("SELECT count(*) FROM auth_sessions"))
    owner.commit()
    assert ended > 0
    with worker_app.app_context():
        tasks.prune.run()
    head = log.head(owner)
    assert (head.pruned_through, head.position) == (10, position)
    assert [str(request) for request in owner.scalars(text("SELECT id FROM write_requests"))] == [pending]
    assert owner.scalar(text("SELECT count(*) FROM auth_sessions")) == sessions - ended


def test_pruning_deletes_the_codes_that_have_expired_and_the_counts_that_are_over(
    worker_app: APIFlask, owner: Session
) -> None:
    """A code of an account, and how many were mailed to an address within the last hour."""
    owner.execute(
        text("""INSERT INTO account_codes (user_id, purpose, code_hash, expires_at)
            SELECT id, purpose, 'x', now() + CAST(lives AS interval) FROM users,
                (VALUES ('reset', '-1 second'), ('address', '1 hour')) AS made (purpose, lives)
            WHERE email = 'patient1@demo.test'""")
    )
    owner.execute(
        text("""INSERT INTO code_mails VALUES
            ('old', now() - interval '61 minutes', 3), ('new', now() - interval '59 minutes', 3)""")
    )
    owner.commit()
    with worker_app.app_context():
        tasks.prune.run()
    assert owner.scalars(text("SELECT purpose FROM account_codes")).all() == ["address"]
    assert owner.scalars(text("SELECT encode(address_digest, 'escape') FROM code_mails")).all() == ["new"]


def test_a_lane_without_a_database_goes_home_quietly(
    worker_app: APIFlask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One line in the log: the next sweep is the retry."""

    def cut_off(session: Session, _settings: Settings) -> None:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(tasks.lane, "run_batch", cut_off)
    with worker_app.app_context():
        tasks.process_writes.run()
    assert "goes on at the next sweep" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("worker_app")
def test_an_acknowledgement_that_redis_did_not_take_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """As Celery reports it; what else goes wrong there keeps its stack."""
    for failure in (RedisConnectionError("reset by peer"), ValueError("a slip of ours")):
        try:
            raise failure
        except Exception:
            logging.getLogger("celery.worker.request").critical("Couldn't ack", exc_info=True)
    lost, slip = (record for record in caplog.records if record.name == "celery.worker.request")
    assert lost.exc_info is None
    assert slip.exc_info is not None
