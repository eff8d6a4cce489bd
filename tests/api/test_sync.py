"""Is it well, who listens, and the log over HTTP: for each role what it may hear, and not a word more."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync import create_app
from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.instants import parse_instant
from dental_sync.core.redis import connect_redis
from dental_sync.core.seen import BEAT_SEEN_KEY, LANE_SEEN_KEY
from dental_sync.records import demo
from dental_sync.sockets.subscriptions import Registry, Subscription
from dental_sync.sync import log
from dental_sync.sync.delivery import Delivery
from tests import plain_sql
from tests.conftest import Caller, Practice, RunLane, a_free_monday, sign_in_to

MONDAY = a_free_monday()


@pytest.fixture
def registry(app: APIFlask) -> Iterator[Registry]:
    """Everybody's subscriptions, and none yet."""
    redis = connect_redis(services.of(app, Settings).redis_url)
    redis.flushdb()
    yield services.of(app, Registry)
    redis.flushdb()
    redis.close()


def listen(registry: Registry, caller: Caller, *channels: str) -> list[str]:
    """Subscriptions of an account, as a socket's; gives their ids."""
    made = [
        Subscription(f"{channel}-1", channel, "2025-11-11T12:00:00.000Z", caller.user["id"], caller.user["role"], "c1")
        for channel in channels
    ]
    for subscription in made:
        registry.add(subscription)
    return [subscription.id for subscription in made]


# Health, status, stats.


def test_health_needs_no_token_and_says_the_fixed_words(app: APIFlask, registry: Registry) -> None:
    """Status, service, activeSubscriptions and timestamp; nobody keeps the answer."""
    answer = app.test_client().get("/api/sync/health")
    assert answer.json["service"] == "realtime-sync"
    assert answer.json["activeSubscriptions"] == 0
    assert parse_instant(answer.json["timestamp"])
    assert answer.headers["Cache-Control"] == "no-store"
    registry.add(Subscription("x-1", "availability:all", "t", str(uuid.uuid4()), "chatbot", "c1"))
    assert app.test_client().get("/api/sync/health").json["activeSubscriptions"] == 1


@pytest.mark.usefixtures("registry")
def test_health_says_what_is_amiss(app: APIFlask, owner: Session) -> None:
    """Healthy with everything at work; degraded for what the system survives; unhealthy for what is of no use."""
    client, delivery = app.test_client(), services.of(app, Delivery)
    redis = connect_redis(services.of(app, Settings).redis_url)
    unhealthy = client.get("/api/sync/health")
    assert (unhealthy.status_code, unhealthy.json["status"]) == (503, "unhealthy")
    assert unhealthy.json["checks"]["delivery"] != "ok"
    delivery.look()
    degraded = client.get("/api/sync/health")
    assert (degraded.status_code, degraded.json["status"]) == (200, "degraded")
    assert {name for name, said in degraded.json["checks"].items() if said != "ok"} == {"worker", "beat"}
    redis.set(LANE_SEEN_KEY, "now")
    redis.set(BEAT_SEEN_KEY, "now")
    healthy = client.get("/api/sync/health")
    assert (healthy.status_code, healthy.json["status"]) == (200, "healthy")
    assert set(healthy.json["checks"].values()) == {"ok"}
    owner.execute(text("ALTER TABLE appointments DISABLE TRIGGER note_update"))
    owner.commit()
    silent = client.get("/api/sync/health").json
    assert silent["status"] == "degraded"
    assert "appointments" in silent["checks"]["triggers"]
    redis.close()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("recipient, facts, created_at) VALUES ('booked', 'de', 'a@b.test', '{}', now() - interval '3 h'", "for 3.0 h"),
        ("settled_at, outcome) VALUES ('booked', 'de', now(), 'given-up'", "1 mail was given up"),
        ("settled_at, outcome) VALUES ('booked', 'de', now() - interval '2 days', 'given-up'", "ok"),
        ("settled_at, outcome) VALUES ('booked', 'de', now(), 'refused'", "ok"),
        ("recipient, facts) VALUES ('booked', 'de', 'a@b.test', '{}'", "ok"),
    ],
)
def test_health_says_that_mails_do_not_leave(app: APIFlask, owner: Session, state: str, said: str) -> None:
    """For an hour, or not at all within a day; an address that is none is not the operator's to mend."""
    owner.execute(text(f"INSERT INTO mails (kind, language, {state})"))
    owner.commit()
    services.of(app, Delivery).look()
    assert said in app.test_client().get("/api/sync/health").json["checks"]["mail"]


def test_a_notice_changes_no_status(app: APIFlask, settings: Settings) -> None:
    """What the operator chose is said beside the checks, to whoever asks: here no mails, and there one role."""
    [said] = app.test_client().get("/api/sync/health").json["notices"]
    assert said.startswith("MAIL_URL")
    alone = dataclasses.replace(
        settings, database_url=settings.web_database_url, worker_database_url=settings.web_database_url
    )
    answer = create_app(alone).test_client().get("/api/sync/health").json
    assert answer["status"] == app.test_client().get("/api/sync/health").json["status"]
    assert "One database role" in answer["notices"][0]


def test_health_does_not_praise_what_it_cannot_see(settings: Settings) -> None:
    """Without the database nobody knows how writes, log, triggers and delivery are: none of them is said to be ok."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nowhere"
    app = create_app(dataclasses.replace(settings, web_database_url=nowhere))
    answer = app.test_client().get("/api/sync/health")
    assert (answer.status_code, answer.json["status"]) == (503, "unhealthy")
    checks = answer.json["checks"]
    assert checks["database"] == "PostgreSQL does not answer"
    for name in ("writes", "log", "triggers", "delivery"):
        assert checks[name] == "not known while PostgreSQL is away"
    assert checks["redis"] == "ok"


def test_status_shows_my_own_subscriptions(sign_in: Callable[..., Caller], registry: Registry) -> None:
    """Another's are counted for nobody but admins."""
    mia, noah, admin = sign_in("patient1"), sign_in("patient2"), sign_in("admin")
    mine = listen(registry, mia, "availability:all", f"appointments:patient:{mia.user['patientId']}")
    noahs = listen(registry, noah, f"appointments:patient:{noah.user['patientId']}")
    for caller, ids in ((mia, mine), (noah, noahs), (admin, mine + noahs), (sign_in("chatbot"), [])):
        answer = caller.get("/sync/status").json
        assert answer["status"] == "active"
        assert answer["activeSubscriptions"] == len(ids)
        assert {subscription["id"] for subscription in answer["subscriptions"]} == set(ids)
        assert parse_instant(answer["timestamp"])
        for subscription in answer["subscriptions"]:
            assert set(subscription) == {"id", "channelName", "active", "createdAt"}


def test_stats_count_for_admins(sign_in: Callable[..., Caller], registry: Registry, practice: Practice) -> None:
    """By kind of channel and by role; 403 for everybody else."""
    mia, admin = sign_in("patient1"), sign_in("admin")
    listen(registry, mia, "availability:all", f"availability:{practice.dentists[0]}")
    listen(registry, admin, "appointments:all")
    registry.connected("c1")
    registry.heartbeat_passed("2025-11-11T12:00:00.000Z")
    stats = admin.get("/sync/stats").json
    assert stats["stats"] == {"appointments": 1, "availability": 1, "global": 1, "total": 3}
    assert stats["byRole"] == {"patient": 2, "admin": 1}
    assert stats["roles"] == {
        "admin": {"connections": 1, "appointments": 1, "availability": 0, "global": 0, "total": 1},
        "patient": {"connections": 1, "appointments": 0, "availability": 1, "global": 1, "total": 2},
    }
    assert len(stats["subscriptions"]) == 3
    assert admin.get("/sync/stats?subscriptions=false").json | {"timestamp": ""} == stats | {
        "subscriptions": [],
        "timestamp": "",
    }
    assert stats["activeConnections"] == 1
    assert stats["lastHeartbeat"] == "2025-11-11T12:00:00.000Z"
    assert parse_instant(stats["timestamp"])
    for name in ("patient2", "dentist1", "chatbot"):
        assert sign_in(name).get("/sync/stats").status_code == 403


# The log.


def events_since(caller: Caller, since: int, limit: int = 500) -> list[dict[str, Any]]:
    """Every page, and that each page is a proper one."""
    found: list[dict[str, Any]] = []
    more, position = True, since
    while more:
        page = caller.get(f"/sync/events?since={position}&limit={limit}").json
        assert set(page) == {"events", "position", "epoch", "more"}
        assert len(page["events"]) <= limit
        assert all(position < event["position"] <= page["position"] for event in page["events"])
        assert all(event["epoch"] == page["epoch"] for event in page["events"])
        assert page["position"] > position or not page["more"]
        found, position, more = found + page["events"], page["position"], page["more"]
    return found


@pytest.fixture
def head(owner: Session, run_lane: RunLane) -> int:
    """The log once the demo data has been published."""
    run_lane()
    position = log.head(owner).position
    owner.rollback()
    return position


def test_an_admin_reads_every_row_of_the_log(
    sign_in: Callable[..., Caller], owner: Session, practice: Practice, head: int, run_lane: RunLane
) -> None:
    """With consecutive positions, whatever the size of a page, revocations too."""
    admin, mia = sign_in("admin"), sign_in("patient1")
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY)
    owner.commit()
    mia.post("/auth/logout")
    run_lane()
    events = events_since(admin, 0)
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    assert events == events_since(admin, 0, limit=7)
    revoked = [event for event in events if event["type"] == "account:revoked"]
    assert [(event["userId"], event["channels"]) for event in revoked] == [(mia.user["id"], [])]
    assert {event["type"] for event in events[head:]} == {
        "appointment:created",
        "availability:changed",
        "account:revoked",
    }


def test_everybody_else_reads_what_a_socket_would_have_sent(
    sign_in: Callable[..., Caller], owner: Session, practice: Practice, head: int, run_lane: RunLane
) -> None:
    """The own appointments and everybody's availability; not a word about another patient."""
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY)
    owner.execute(
        text("UPDATE appointments SET dentist_id = :d WHERE id = :id"), {"d": practice.dentists[1], "id": booked}
    )
    owner.execute(text("UPDATE appointments SET status = 'entered-in-error' WHERE id = :id"), {"id": booked})
    owner.commit()
    run_lane()
    appointments = ["appointment:created", "appointment:updated", "appointment:deleted"]
    expected = {
        "patient1": appointments,
        "patient2": [],
        "dentist1": ["appointment:created", "appointment:deleted"],
        "dentist2": ["appointment:created", "appointment:deleted"],
        "dentist3": [],
        "chatbot": [],
    }
    for name, types in expected.items():
        events = events_since(sign_in(name), head)
        assert [event["type"] for event in events if event["type"].startswith("appointment:")] == types, name
        availability = [event for event in events if event["type"] == "availability:changed"]
        assert [event["availability"]["change"] for event in availability] == ["busy", "free", "busy", "free"]
        if not types:
            said = json.dumps(events)
            for word in (demo.PATIENTS[0], str(practice.patients[0]), str(booked), "atient"):
                assert word not in said


def test_nobody_but_an_admin_reads_of_revocations(sign_in: Callable[..., Caller], head: int, run_lane: RunLane) -> None:
    """Not even of their own."""
    sign_in("patient1").post("/auth/logout")
    run_lane()
    again = sign_in("patient1")
    page = again.get(f"/sync/events?since={head}").json
    assert (page["events"], page["position"], page["more"]) == ([], head + 1, False)


def test_a_page_that_is_empty_still_moves_on(
    sign_in: Callable[..., Caller], owner: Session, practice: Practice, head: int, run_lane: RunLane
) -> None:
    """What happened did not concern the caller: `position` is the head all the same."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY)
    owner.execute(text("UPDATE appointments SET reason = 'x' WHERE starts_at = :at"), {"at": MONDAY})
    owner.commit()
    run_lane()
    page = sign_in("chatbot").get(f"/sync/events?since={head}&limit=1").json
    assert [event["type"] for event in page["events"]] == ["availability:changed"]
    rest = sign_in("chatbot").get(f"/sync/events?since={page['position']}&limit=1").json
    assert (rest["events"], rest["position"], rest["more"]) == ([], head + 3, False)


@pytest.mark.parametrize("since", ["pruned", "beyond", "another epoch"])
def test_what_the_log_has_not_is_410(sign_in: Callable[..., Caller], owner: Session, head: int, since: str) -> None:
    """Older than its beginning, beyond its end, of another log: fetch a snapshot; at the edges it is not."""
    owner.execute(text("UPDATE sync_events SET occurred_at = now() - interval '8 days' WHERE position <= 10"))
    log.prune(owner, retention_days=7, limit=100)
    owner.commit()
    epoch = log.head(owner).epoch
    patient = sign_in("patient1")
    wrong = {
        "pruned": f"since=9&epoch={epoch}",
        "beyond": f"since={head + 1}",
        "another epoch": f"since={head}&epoch={uuid.uuid4()}",
    }
    answer = patient.get(f"/sync/events?{wrong[since]}")
    assert (answer.status_code, answer.json["code"]) == (410, "resync-required")
    assert answer.mimetype == "application/problem+json"
    for good in (f"since=10&epoch={epoch}", f"since={head}", f"since={head}&epoch={epoch.upper()}"):
        assert patient.get(f"/sync/events?{good}").status_code == 200


def test_what_is_pruned_beneath_a_reader_is_410(
    app: APIFlask, owner: Session, head: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the head and the read: it is told, and not passed over."""
    patient = sign_in_to(app, "patient1")
    read = log.read

    def prune_and_read(*arguments: Any, **named: Any) -> Any:
        owner.execute(text("UPDATE sync_events SET occurred_at = now() - interval '8 days'"))
        log.prune(owner, retention_days=7, limit=10)
        owner.commit()
        return read(*arguments, **named)

    monkeypatch.setattr(log, "read", prune_and_read)
    assert head > 10
    assert patient.get("/sync/events?since=3").status_code == 410
