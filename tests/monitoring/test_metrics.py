"""What a Prometheus reads: every number moves when the thing happens, and none of them is about anybody."""

from __future__ import annotations

import dataclasses
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from apiflask import APIFlask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from dental_sync import create_app
from dental_sync.core import services
from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.core.ids import new_id
from dental_sync.core.instants import format_instant
from dental_sync.core.redis import connect_redis
from dental_sync.monitoring.metrics import BUCKET_SECONDS, Durations, HttpRequests
from dental_sync.records import demo
from dental_sync.sockets.connections import Connections
from dental_sync.sync import channels, log
from dental_sync.sync.delivery import Delivery
from dental_sync.sync.events import Message
from dental_sync.writes.bell import BEAT_SEEN_KEY, LANE_SEEN_KEY
from tests import plain_sql
from tests.conftest import METRICS_TOKEN, Caller, Practice, RunLane, a_free_monday, mute
from tests.scraped import Scraped

MONDAY = a_free_monday()
NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"
CHECKS = {"database", "redis", "worker", "beat", "writes", "log", "triggers", "delivery"}


def ask(app: APIFlask, token: str | None = METRICS_TOKEN) -> Any:
    """The answer to a scrape."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    # Buffered: a request is in flight until its answer is closed.
    return app.test_client().get("/metrics", headers=headers, buffered=True)


def scrape(app: APIFlask) -> Scraped:
    """What is said, which must be said well."""
    answer = ask(app)
    assert answer.status_code == 200, answer.text
    return Scraped(answer.text)


@pytest.fixture
def another_app(settings: Settings) -> Iterator[Callable[..., APIFlask]]:
    """Another web process with other settings: `another_app(metrics_token="")`."""
    apps: list[APIFlask] = []

    def make(**other: Any) -> APIFlask:
        apps.append(create_app(dataclasses.replace(settings, **other)))
        return apps[-1]

    yield make
    for app in apps:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def delivery(app: APIFlask) -> Delivery:
    """A process that has begun to deliver."""
    found = services.of(app, Delivery)
    found.look()
    return found


@pytest.fixture
def publish(owner: Session, practice: Practice) -> Callable[[], list[Message]]:
    """Book by plain SQL, and number what there is to tell, which nobody delivers yet."""
    starts = iter(MONDAY + timedelta(minutes=30 * n) for n in range(6))

    def book() -> list[Message]:
        plain_sql.book(owner, practice.patients[0], practice.dentists[0], next(starts))
        messages = log.publish(owner, wait=True)
        owner.commit()
        assert messages
        return messages

    return book


# Who may ask.


def test_without_a_token_in_the_settings_there_is_no_such_address(another_app: Callable[..., APIFlask]) -> None:
    """404 as of any unknown path, whatever is shown and whatever the method."""
    client = another_app(metrics_token="").test_client()
    for method in ("GET", "POST"):
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {METRICS_TOKEN}"}):
            answer = client.open("/metrics", method=method, headers=headers)
            assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
            assert answer.json["code"] == "not-found"
            unknown = client.open("/unknown", method=method).json
            assert {**answer.json, "instance": ""} == {**unknown, "instance": ""}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {METRICS_TOKEN}",
        f"Bearer {METRICS_TOKEN}x",
        f"Bearer {METRICS_TOKEN[:-1]}",
        f"Bearer {METRICS_TOKEN} {METRICS_TOKEN}",
        "Bearer ähnlich",
    ],
)
def test_whoever_does_not_show_the_token_learns_nothing(app: APIFlask, authorization: str | None) -> None:
    """401 with a challenge, as a problem, and not a number in it."""
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = app.test_client().get("/metrics", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.json["code"] == "unauthorized"
    assert "dental_sync_" not in answer.text


def test_an_admins_access_token_is_not_the_token(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """Accounts are for people; and the token is no account."""
    assert ask(app, sign_in("admin").token).status_code == 401
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    assert app.test_client().get("/api/auth/me", headers=headers).status_code == 401


def test_a_scrape_is_not_limited_as_a_caller_is(another_app: Callable[..., APIFlask]) -> None:
    """A Prometheus asks for ever, and several may."""
    app = another_app(rate_limit_per_minute=1, login_limit_per_minute=1)
    assert [ask(app).status_code for _ in range(5)] == [200] * 5


def test_the_apis_document_does_not_change_with_it(another_app: Callable[..., APIFlask]) -> None:
    """It is beside the API: no path, no tag, nothing."""
    with_it, without = another_app(), another_app(metrics_token="")
    assert with_it.test_client().get("/api/openapi.json").json == without.test_client().get("/api/openapi.json").json


# How it is said.


def test_it_is_said_as_prometheus_wants_it(app: APIFlask) -> None:
    """Its text format, kept by nobody; every metric of ours has a sentence, and a name by the rules."""
    answer = ask(app)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    families = Scraped(answer.text).families
    ours = {name: family for name, family in families.items() if name.startswith("dental_sync_")}
    assert len(ours) > 15
    for name, family in ours.items():
        assert family.documentation.endswith("."), name
        assert name == name.lower()
        assert not name.endswith("_total")
        assert all(sample.name.endswith("_total") for sample in family.samples if family.type == "counter")
    assert families["process_resident_memory_bytes"].samples[0].value > 1_000_000
    assert set(families) - set(ours) == {name for name in families if name.startswith("process_")}


@pytest.mark.usefixtures("delivery")
def test_the_document_names_what_there_is(app: APIFlask) -> None:
    """Every metric of ours is explained, and the alerts ask for none that is not there."""
    families = scrape(app).families
    document = (Path(__file__).parents[2] / "docs" / "deploying.md").read_text()
    section = document.partition("### Metrics\n")[2].partition("\n## ")[0]
    table = section[section.index("| Metric |") : section.index("Alerts that need")]
    explained = set(
        re.findall(r"`([a-z_]+)(?:\{[a-z,]+\})?`", " ".join(row.split("|")[1] for row in table.splitlines() if row))
    )
    samples = {
        f"{name}_total" if family.type == "counter" else name
        for name, family in families.items()
        if name.startswith("dental_sync_")
    }
    assert {f"dental_sync_{name}" for name in explained} == samples
    rules = [
        rule
        for group in yaml.safe_load(section.split("```yaml")[2].split("```")[0])["groups"]
        for rule in group["rules"]
    ]
    assert len(rules) > 10
    for rule in rules:
        asked = set(re.findall(r"\b(?:dental_sync|process)_[a-z_]+", rule["expr"]))
        assert asked or rule["expr"].startswith("up{"), rule
        assert {name.removesuffix("_bucket") for name in asked} <= samples | set(families), rule


def test_a_scrape_asks_the_database_no_more_than_a_health_check(app: APIFlask) -> None:
    """The same statements, and as many."""
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert app.test_client().get("/api/sync/health").status_code == 503  # nothing is delivered yet
    by_health, asked[:] = list(asked), []
    scrape(app)
    assert asked == by_health
    assert len(asked) < 6


def test_nothing_is_said_about_anybody(
    app: APIFlask, sign_in: Callable[..., Caller], practice: Practice, delivery: Delivery
) -> None:
    """A booking, its page, the patient's, what does not exist: no name, no id, no address that was asked."""
    admin = sign_in("admin")
    wish = {
        "dentistId": str(practice.dentists[0]),
        "patientId": str(practice.patients[0]),
        "startsAt": format_instant(MONDAY),
        "treatmentId": str(practice.treatments["Check-up"]),
        "reason": "a toothache",
    }
    booked = admin.post("/appointments", wish)
    assert booked.status_code == 201, booked.json
    delivery.look()
    admin.get(f"/appointments/{booked.json['id']}")
    admin.get(f"/patients/{practice.patients[0]}")
    admin.get("/patients?q=Mia")
    admin.get("/patients/mia@demo.test")
    app.test_client().open("/nosuch/Mia", method="MIA")
    said = scrape(app)
    route = "/api/appointments/<uuid:appointment_id>"
    assert said("http_requests_total", method="GET", route=route, status="200") == 1
    assert said("http_requests_total", method="GET", route="other", status="404") == 1
    assert said("http_requests_total", method="other", route="other", status="404") == 1
    people = [*demo.PATIENTS, *demo.DENTISTS, *map(str, practice.patients), *map(str, practice.dentists)]
    secrets = [*people, *(part for name in demo.PATIENTS for part in name.split()), booked.json["id"], admin.user["id"]]
    for word in [*secrets, "@", "mia", "toothache", delivery.epoch, METRICS_TOKEN, admin.token]:
        assert word.lower() not in said.text.lower(), word


# HTTP.


def test_each_answer_is_counted_by_its_route_and_timed(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """By method, rule and status; refusals too, and the scrape before this one."""
    caller = sign_in("patient1")
    for _ in range(3):
        caller.get("/auth/me")
    app.test_client().get("/api/auth/me")
    app.test_client().put("/api/auth/me")
    first, second = scrape(app), scrape(app)
    me = {"method": "GET", "route": "/api/auth/me"}
    assert first("http_requests_total", **me, status="200") == 3
    assert first("http_requests_total", **me, status="401") == 1
    assert first("http_requests_total", method="PUT", route="other", status="405") == 1
    assert first("http_request_duration_seconds_count", **me) == 4
    assert first("http_request_duration_seconds_bucket", **me, le="+Inf") == 4
    assert 0 < (first("http_request_duration_seconds_sum", **me) or 0) < 4 * 5
    assert first("http_requests_total", method="GET", route="/metrics", status="200") is None
    assert second("http_requests_total", method="GET", route="/metrics", status="200") == 1


def test_a_call_that_takes_its_time_is_seen_to(app: APIFlask) -> None:
    """While it is being answered it is in flight, and afterwards among the slow ones."""
    asked, answer = threading.Event(), threading.Event()

    def door() -> str:
        asked.set()
        answer.wait(10)
        time.sleep(0.06)
        return "at last"

    app.add_url_rule("/slow", view_func=door)
    assert scrape(app)("http_requests_in_flight") == 1
    caller = threading.Thread(target=lambda: app.test_client().get("/slow", buffered=True))
    caller.start()
    assert asked.wait(10)
    assert scrape(app)("http_requests_in_flight") == 2
    answer.set()
    caller.join()
    said = scrape(app)
    assert said("http_requests_in_flight") == 1
    slow = {"method": "GET", "route": "/slow"}
    assert said("http_request_duration_seconds_bucket", **slow, le="0.05") == 0
    assert said("http_request_duration_seconds_bucket", **slow, le="10.0") == 1
    assert (said("http_request_duration_seconds_sum", **slow) or 0) >= 0.06


def test_a_mistake_of_ours_is_counted_too(app: APIFlask) -> None:
    """500 is what an operator looks for first."""
    app.add_url_rule("/broken", view_func=lambda: 1 // 0)
    assert app.test_client().get("/broken").status_code == 500
    assert scrape(app)("http_requests_total", method="GET", route="/broken", status="500") == 1


def test_buckets_count_what_took_at_most_so_long() -> None:
    """Each with those below it, a bound itself included; what took longer than all of them is in the last."""
    durations = Durations()
    for seconds in (0.0, 0.005, 0.0051, 10.0, 99.0):
        durations.add(seconds)
    buckets = dict(durations.buckets())
    assert (buckets["0.005"], buckets["0.01"], buckets["5.0"], buckets["10.0"], buckets["+Inf"]) == (2, 3, 3, 4, 5)
    assert len(buckets) == len(BUCKET_SECONDS) + 1
    assert durations.seconds == pytest.approx(109.0101)


def test_what_callers_make_up_does_not_fill_the_memory() -> None:
    """A thousand methods and addresses are one."""
    requests = HttpRequests()
    for number in range(1000):
        requests.answered(f"MADE-UP-{number}", None, 405, 0.001)
    assert requests.answers == {("other", "other", 405): 1000}
    assert list(requests.durations) == [("other", "other")]


def test_two_apps_of_one_process_count_for_themselves(another_app: Callable[..., APIFlask]) -> None:
    """Nothing is shared between them, and either may be asked first."""
    one, other = another_app(), another_app()
    one.test_client().get("/api/auth/me")
    asked = {"method": "GET", "route": "/api/auth/me", "status": "401"}
    assert scrape(one)("http_requests_total", **asked) == 1
    assert scrape(other)("http_requests_total", **asked) is None


# Socket.IO.


def test_connections_and_what_they_follow_are_counted_by_kind(app: APIFlask, practice: Practice) -> None:
    """Of this process; whoever leaves is not counted any more."""
    connections = services.of(app, Connections)
    now = datetime.now(UTC)
    followed = [
        [channels.ALL_APPOINTMENTS, channels.of_patient(practice.patients[0]), channels.ALL_AVAILABILITY],
        [channels.of_dentist(practice.dentists[0]), channels.of_availability(practice.dentists[0])],
        [],
    ]
    for number, names in enumerate(followed):
        connections.admit(f"sid-{number}", Actor(new_id(), "admin", "x", "x@demo.test"), now)
        connection = connections.open[f"sid-{number}"]
        for name in names:
            connection.subscriptions[name] = connections.new_subscription(connection, name, now)
    kinds = "dental_sync_socketio_subscriptions"
    said = scrape(app)
    assert said("socketio_connections") == 3
    assert said.values(kinds) == {"appointments": 3, "availability": 1, "global": 1}
    del connections.open["sid-0"]
    said = scrape(app)
    assert said("socketio_connections") == 2
    assert said.values(kinds) == {"appointments": 1, "availability": 1, "global": 0}


# The log.


def test_messages_are_counted_by_how_they_came(
    app: APIFlask, delivery: Delivery, publish: Callable[[], list[Message]]
) -> None:
    """Through Redis, or from the log: what Redis lost is seen as repairs; nothing is counted twice."""
    source = "dental_sync_messages_delivered_total"
    assert scrape(app).values(source) == {"queue": 0, "log": 0}
    by_redis = publish()
    for message in by_redis:
        delivery.take(message)
    assert scrape(app).values(source) == {"queue": len(by_redis), "log": 0}
    lost, late = publish(), publish()
    delivery.take(late[-1])
    assert scrape(app).values(source) == {"queue": len(by_redis), "log": len(lost + late)}
    for message in lost + late:
        delivery.take(message)
    assert scrape(app).values(source) == {"queue": len(by_redis), "log": len(lost + late)}


def test_the_lag_is_what_is_not_delivered_yet(
    app: APIFlask, delivery: Delivery, publish: Callable[[], list[Message]]
) -> None:
    """Position, head, and the messages between them; none once the process has looked."""
    began = delivery.position
    messages = publish()
    said = scrape(app)
    head = messages[-1].position
    assert said("delivered_position") == began
    assert said("log_head_position") == head
    assert said("delivery_lag_messages") == head - began == len(messages)
    delivery.look()
    said = scrape(app)
    assert (said("delivered_position"), said("delivery_lag_messages")) == (head, 0)


def test_a_process_that_has_not_begun_has_no_position(app: APIFlask) -> None:
    """Nobody is to be woken by the lag of a process that was just born."""
    said = scrape(app)
    assert said("delivered_position") is said("delivery_lag_messages") is None
    assert said("log_head_position") is not None
    assert said("check_ok", check="delivery") == 0


def test_replays_and_resyncs_are_counted(
    app: APIFlask, owner: Session, delivery: Delivery, publish: Callable[[], list[Message]]
) -> None:
    """Who comes back is sent what was missed, or for a snapshot; another log sends everybody."""

    def join(since: int | None, epoch: str | None = None) -> None:
        delivery.join(
            channels.ALL_APPOINTMENTS,
            since=since,
            epoch=epoch,
            authorize=lambda: None,
            send=lambda _message: None,
            enter_room=lambda: None,
        )

    def counted() -> list[float | None]:
        names = ("replays_total", "messages_replayed_total", "resyncs_total", "log_restarts_total")
        said = scrape(app)
        return [said(name) for name in names]

    began = delivery.position
    missed = [message for message in publish() + publish() if channels.ALL_APPOINTMENTS in message.channels]
    delivery.look()
    join(None)
    assert counted() == [0, 0, 0, 0]
    join(began)
    assert counted() == [1, len(missed), 0, 0]
    join(delivery.position + 1000)
    join(began, "00000000-0000-0000-0000-000000000000")
    assert counted() == [1, len(missed), 2, 0]
    log.begin_epoch(owner)
    owner.commit()
    delivery.look()
    assert counted() == [1, len(missed), 2, 1]


# What waits, and what is amiss.


def test_writes_that_wait_are_counted_and_timed(
    app: APIFlask,
    owner: Session,
    sign_in: Callable[..., Caller],
    practice: Practice,
    delivery: Delivery,
    run_lane: RunLane,
) -> None:
    """From their reception until a lane decides them; one that waits for too long fails its check."""
    mute(app)
    said = scrape(app)
    assert (said("writes_pending"), said("oldest_pending_write_age_seconds")) == (0, 0)
    for number in range(2):
        wish = {
            "dentistId": str(practice.dentists[number]),
            "startsAt": format_instant(MONDAY),
            "treatmentId": str(practice.treatments["Check-up"]),
        }
        accepted = sign_in(f"patient{number + 1}").post("/appointments", wish, Prefer="respond-async")
        assert accepted.status_code == 202, accepted.json
    said = scrape(app)
    assert said("writes_pending") == 2
    assert 0 < (said("oldest_pending_write_age_seconds") or 0) < 10
    assert said("check_ok", check="writes") == 1
    oldest = text("UPDATE write_requests SET received_at = received_at - interval '60 s' WHERE status = 'pending'")
    owner.execute(oldest)
    owner.commit()
    said = scrape(app)
    assert 60 < (said("oldest_pending_write_age_seconds") or 0) < 70
    assert said("check_ok", check="writes") == 0
    run_lane()
    delivery.look()
    said = scrape(app)
    assert (said("writes_pending"), said("oldest_pending_write_age_seconds")) == (0, 0)


def test_changes_that_nobody_has_published_are_counted_and_timed(
    app: APIFlask, owner: Session, practice: Practice, delivery: Delivery
) -> None:
    """What plain SQL changed, until somebody looks."""
    said = scrape(app)
    assert (said("changes_unpublished"), said("oldest_unpublished_change_age_seconds")) == (0, 0)
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY)
    owner.commit()
    noted = owner.execute(text("SELECT count(*) FROM changes")).scalar_one()
    owner.execute(text("UPDATE changes SET occurred_at = occurred_at - interval '60 s'"))
    owner.commit()
    said = scrape(app)
    assert said("changes_unpublished") == noted > 0
    assert 60 < (said("oldest_unpublished_change_age_seconds") or 0) < 70
    assert said("check_ok", check="log") == 0
    delivery.look()
    said = scrape(app)
    assert (said("changes_unpublished"), said("oldest_unpublished_change_age_seconds")) == (0, 0)
    assert said("check_ok", check="log") == 1


@pytest.mark.usefixtures("delivery")
def test_every_check_of_health_is_one_or_zero(app: APIFlask, owner: Session) -> None:
    """The same checks, and the same verdicts; worker and beat are seen in Redis."""
    redis = connect_redis(services.of(app, Settings).redis_url)
    redis.flushdb()

    def failing() -> set[str]:
        found = scrape(app).values("dental_sync_check_ok")
        checks = app.test_client().get("/api/sync/health").json["checks"]
        assert found == {name: float(said == "ok") for name, said in checks.items()}
        assert set(found) == CHECKS
        return {name for name, value in found.items() if value == 0}

    assert failing() == {"worker", "beat"}
    redis.set(LANE_SEEN_KEY, "now")
    assert failing() == {"beat"}
    redis.set(BEAT_SEEN_KEY, "now")
    assert failing() == set()
    owner.execute(text("ALTER TABLE holds DISABLE TRIGGER note_update"))
    owner.commit()
    assert failing() == {"triggers"}
    redis.flushdb()
    redis.close()


def test_without_the_database_what_is_known_is_said(another_app: Callable[..., APIFlask]) -> None:
    """200; what only the database knows is left out, or fails as a check: never a stale or a made-up number."""
    app = another_app(web_database_url=NOWHERE)
    said = scrape(app)
    found = said.values("dental_sync_check_ok")
    assert {name for name in CHECKS - {"worker", "beat"} if found[name] == 0} == CHECKS - {"worker", "beat", "redis"}
    for name in ("writes_pending", "changes_unpublished", "log_head_position", "delivery_lag_messages"):
        assert said(name) is None
    assert said("socketio_connections") == 0
    assert said("messages_delivered_total", source="queue") == 0
    assert scrape(app)("http_requests_total", method="GET", route="/metrics", status="200") == 1


def test_a_database_that_cuts_the_connection_does_not_stop_a_scrape(app: APIFlask, settings: Settings) -> None:
    """200 at once, and everything again with the next one at the latest."""
    scrape(app)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND datname = :name"
    with plain_sql.connect(settings.web_database_url) as web:
        name = web.scalar(text("SELECT current_database()"))
        assert web.execute(text(others + " AND pid <> pg_backend_pid()"), {"name": name}).all()
    assert ask(app).status_code == 200
    assert scrape(app)("check_ok", check="database") == 1


def test_without_redis_what_is_known_is_said(another_app: Callable[..., APIFlask]) -> None:
    """The database's part is there."""
    said = scrape(another_app(redis_url="redis://127.0.0.1:1/0"))
    found = said.values("dental_sync_check_ok")
    assert (found["redis"], found["worker"], found["beat"], found["database"]) == (0, 0, 0, 1)
    assert said("writes_pending") == 0
