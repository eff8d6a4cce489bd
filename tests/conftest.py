"""Real servers for every test that needs one: PostgreSQL and Redis are started once, each test gets its own database.

`app` is a web process without its background threads, and `lane` decides its writes in a thread as the worker does;
tests/live/ runs the real processes.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from dental_sync import create_app, demo, lane, schema, writes
from dental_sync.config import Settings, sqlalchemy_url
from dental_sync.embedded.postgres import DatabaseUrls
from dental_sync.embedded.temporary import TemporaryServers, temporary_servers
from dental_sync.extensions import db

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def servers() -> Iterator[TemporaryServers]:
    """PostgreSQL and Redis, for the whole run."""
    with temporary_servers() as running:
        yield running


@pytest.fixture(scope="session")
def template(servers: TemporaryServers) -> str:
    """A migrated database with the demo practice, to be copied."""
    urls = servers.postgres.create_database("template_practice")
    schema.upgrade(urls.owner, urls.web, urls.worker)
    engine = create_engine(sqlalchemy_url(urls.owner))
    with Session(engine) as session:
        demo.load(session, datetime.now(UTC))
        session.commit()
    engine.dispose()
    return "template_practice"


@pytest.fixture
def database(servers: TemporaryServers, template: str) -> Iterator[DatabaseUrls]:
    """A database of the test's own, with the demo practice in it."""
    name = f"practice_{next(_numbers)}"
    yield servers.postgres.create_database(name, template)
    servers.postgres.drop_database(name)


@pytest.fixture
def settings(database: DatabaseUrls, servers: TemporaryServers) -> Settings:
    """Settings of a web or worker process that uses this test's servers."""
    return Settings(
        database_url=database.owner,
        web_database_url=database.web,
        worker_database_url=database.worker,
        redis_url=servers.redis.url,
        secret_key="a secret of the tests, and of nobody else",
        jwt_secret_key="another secret of the tests, long enough",
        demo_mode=True,
        async_mode="threading",
        rate_limit_per_minute=600_000,
        login_limit_per_minute=600_000,
    )


@pytest.fixture
def owner(database: DatabaseUrls) -> Iterator[Session]:
    """A session with the owner's rights, for what plain SQL may do; commit what others are to see."""
    engine = create_engine(sqlalchemy_url(database.owner))
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def worker_app(settings: Settings) -> Iterator[APIFlask]:
    """The app as the worker has it."""
    app = create_app(settings, process="worker")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def run_lane(worker_app: APIFlask, settings: Settings) -> Callable[[], list[lane.Batch]]:
    """Run the lane until nothing is due, as the task does, with the worker's rights; returns what it did."""

    def run() -> list[lane.Batch]:
        batches = []
        with worker_app.app_context():
            while True:
                batch = lane.run_batch(db.session(), settings)
                if batch is not None:
                    batches.append(batch)
                if batch is None or not batch.more:
                    return batches

    return run


@pytest.fixture
def app(settings: Settings, run_lane: Callable[[], list[lane.Batch]]) -> Iterator[APIFlask]:
    """The app as a web process has it; ringing runs the lane at once instead of going through Celery."""
    app = create_app(settings, process="web")

    def ring() -> None:
        for batch in run_lane():
            app.extensions["waiting"].resolve(batch.outcomes)

    def start_thread(target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        return thread

    app.extensions["bell"] = writes.Bell(ring, start_thread)
    yield app
    with app.app_context():
        db.engine.dispose()


@dataclass
class Caller:
    """Somebody who is signed in: calls the API as themselves."""

    client: FlaskClient
    user: dict[str, Any]
    token: str
    refresh_token: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Authorization", f"Bearer {self.token}")
        options: dict[str, Any] = {} if body is None else {"json": body}
        return self.client.open("/api" + path, method=method, headers=named, **options)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST."""
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """PATCH."""
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        """DELETE."""
        return self.call("DELETE", path, **headers)


@pytest.fixture
def sign_in(app: APIFlask) -> Callable[..., Caller]:
    """Sign in as one of the demo accounts: `sign_in("patient1")`."""

    def sign_in(name: str, password: str = demo.PASSWORD) -> Caller:
        client = app.test_client()
        answer = client.post("/api/auth/login", json={"email": f"{name}@demo.test", "password": password})
        assert answer.status_code == 200, answer.json
        return Caller(client, answer.json["user"], answer.json["accessToken"], answer.json["refreshToken"])

    return sign_in


def a_free_monday(*, weeks: int = 5, hour: int = 9) -> datetime:
    """A Monday morning when the demo practice is open and its diary empty (UTC; Berlin opens at 7 or 6 UTC)."""
    day = datetime.now(UTC).date() + timedelta(weeks=weeks)
    day -= timedelta(days=day.weekday())
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
