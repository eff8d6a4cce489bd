"""What a supervisor and a load balancer ask: restart it, and send it calls."""

from __future__ import annotations

import dataclasses

from apiflask import APIFlask
from sqlalchemy import text

from dental_sync import create_app
from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.sockets.connections import Connections
from dental_sync.sync.delivery import Delivery
from tests import plain_sql

NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"


def ready(app: APIFlask) -> tuple[int, str, list[str]]:
    """The answer of a process."""
    answer = app.test_client().get("/api/ready")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json["status"], answer.json["reasons"]


def test_a_process_that_turns_is_live_whatever_is_away(settings: Settings) -> None:
    """A supervisor restarts what is not live, and no restart brings a database or Redis back."""
    app = create_app(dataclasses.replace(settings, web_database_url=NOWHERE, redis_url="redis://127.0.0.1:1/0"))
    answer = app.test_client().get("/api/live")
    assert (answer.status_code, answer.json) == (200, {"status": "live"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_process_is_ready_from_its_first_look_at_the_log_until_it_stops(app: APIFlask) -> None:
    """A balancer sends it nothing before, and nothing more once it asks its clients to leave."""
    status, word, reasons = ready(app)
    assert (status, word, len(reasons)) == (503, "unready", 1)
    services.of(app, Delivery).look()
    assert ready(app) == (200, "ready", [])
    services.of(app, Connections).is_draining = True
    assert ready(app) == (503, "unready", ["this process is stopping"])
    assert app.test_client().get("/api/live").status_code == 200


def test_without_redis_a_process_is_ready(settings: Settings) -> None:
    """Its calls are answered 202; health says that something is to be mended."""
    other = create_app(dataclasses.replace(settings, redis_url="redis://127.0.0.1:1/0"))
    services.of(other, Delivery).look()
    assert ready(other) == (200, "ready", [])
    assert other.test_client().get("/api/sync/health").json["status"] == "degraded"


def test_without_the_database_a_process_is_not_ready(settings: Settings) -> None:
    """Its calls would be answered 503."""
    app = create_app(dataclasses.replace(settings, web_database_url=NOWHERE))
    assert ready(app)[:2] == (503, "unready")


def test_what_an_operator_can_mend_while_it_serves_leaves_a_process_ready(app: APIFlask, settings: Settings) -> None:
    """A disabled trigger makes health degraded; taking all processes away would make it worse."""
    services.of(app, Delivery).look()
    with plain_sql.connect(settings.database_url) as owner:
        owner.execute(text("ALTER TABLE holds DISABLE TRIGGER note_update"))
        owner.commit()
    assert app.test_client().get("/api/sync/health").json["checks"]["triggers"] != "ok"
    assert ready(app) == (200, "ready", [])
