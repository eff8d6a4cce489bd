"""What a Prometheus reads of what waits and what is amiss, also without the database or Redis."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from dental_sync.core.redis import connect_redis
from dental_sync.core.seen import BEAT_SEEN_KEY, LANE_SEEN_KEY
from dental_sync.sync.delivery import Delivery
from tests import plain_sql
from tests.conftest import Caller, Practice, RunLane, mute
from tests.monitoring.asked import MONDAY, ask, scrape

NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"
CHECKS = {"database", "redis", "worker", "beat", "writes", "log", "triggers", "mail", "delivery"}


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


@pytest.mark.parametrize("table", ["changes", "record_changes"])
def test_changes_that_nobody_has_published_are_counted_and_timed(
    app: APIFlask, owner: Session, practice: Practice, delivery: Delivery, table: str
) -> None:
    """What plain SQL changed, until somebody looks: in the diary, and of records."""
    said = scrape(app)
    assert (said("changes_unpublished"), said("oldest_unpublished_change_age_seconds")) == (0, 0)
    if table == "changes":
        plain_sql.book(owner, practice.patients[0], practice.dentists[0], MONDAY)
    else:
        owner.execute(text("UPDATE patients SET phone = '1'"))
    owner.commit()
    noted = owner.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    owner.execute(text(f"UPDATE {table} SET occurred_at = occurred_at - interval '60 s'"))
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
