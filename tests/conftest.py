"""Real servers for every test that needs one: PostgreSQL and Redis are started once, each test gets its own database.

`app` is a web process without its background threads, and `run_lane` decides its writes in a thread as the worker does;
tests/live/ runs the real processes. Every answer of the API is compared with its OpenAPI document.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from apiflask import APIFlask
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dental_sync import create_app
from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers, temporary_servers
from dental_sync.monitoring.health import RecentHealth, RecentReadiness
from dental_sync.records import demo, passwords
from dental_sync.storage.models import Dentist, Treatment
from dental_sync.storage.people_models import Patient, User
from dental_sync.sync import log
from dental_sync.writes import lane
from dental_sync.writes.bell import Bell
from dental_sync.writes.waiting import Waiting
from tests import plain_sql, quick
from tests.databases import Databases
from tests.described import CheckedClient, describe
from tests.practice import make_template

# The same examples in every run, however slow the machine: a red test is red for everybody.
hypothesis.settings.register_profile("tests", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("tests")

METRICS_TOKEN = "a-token-of-the-tests"

# Folders of tests that start servers or browsers without the fixture `servers`.
FOLDERS_WITH_SERVERS = {"live", "local"}


def pytest_configure(config: pytest.Config) -> None:
    """Let what tests start be interrupted, also where a shell started the tests in the background: it ignores SIGINT,
    and what is ignored stays so in every program that is started."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    quick.collect_garbage_seldom()
    quick.compile_each_route_once()
    # In the order of `pytest_collection_modifyitems`.
    config.option.loadscopereorder = False


def pytest_collection_finish() -> None:
    """Look at nothing again that stays to the end."""
    quick.keep_what_is_here()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts PostgreSQL, Redis or a browser; the only place that decides what `make check` leaves out."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        quick.begin_with_long_files(items, Path(__file__).parent)
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in FOLDERS_WITH_SERVERS or "servers" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def servers() -> Iterator[TemporaryServers]:
    """PostgreSQL and Redis, for the whole run."""
    with temporary_servers() as running:
        yield running


@pytest.fixture(scope="session")
def template(servers: TemporaryServers) -> str:
    """A migrated database with the demo practice, to be copied."""
    return make_template(servers.postgres)


# Sign-ins of each demo account that every test's database has from the beginning.
READY_SIGN_INS = 2

# Hashing is slow on purpose, and took two thirds of the time of a test file about something else.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
REAL_HASHER = passwords._hasher


@dataclass(frozen=True)
class SignedInPractice:
    """A template in which everybody is signed in, and the answers that they got."""

    template: str
    answers: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def signed_in(servers: TemporaryServers, template: str) -> SignedInPractice:
    """The demo practice after some mornings' sign-ins. From then on passwords are hashed cheaply in this process."""
    urls = servers.postgres.create_database("template_signed_in", template)
    passwords._hasher = CHEAP_HASHER
    with plain_sql.connect(urls.owner) as session:
        session.execute(update(User).values(password_hash=CHEAP_HASHER.hash(demo.PASSWORD)))
        session.commit()
    app = create_app(_settings(urls, servers))
    answers: dict[str, list[dict[str, Any]]] = {}
    names = ["admin", "desk", "chatbot", *(f"dentist{n}" for n in range(1, 4)), *(f"patient{n}" for n in range(1, 13))]
    for name in names:
        for _ in range(READY_SIGN_INS):
            answers.setdefault(name, []).append(log_in(app, name, demo.PASSWORD).json)
    with app.app_context():
        db.engine.dispose()
    with plain_sql.connect(urls.owner) as session:
        # Or the first write of every test would publish the whole practice: a quarter of the time of such a test.
        log.publish(session, wait=True)
        session.commit()
    servers.postgres.ready_to_be_copied("template_signed_in")
    return SignedInPractice("template_signed_in", answers)


@pytest.fixture
def real_hashing(signed_in: SignedInPractice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost what they cost in a practice, for the tests about them."""
    assert passwords._hasher is CHEAP_HASHER, signed_in
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)


def log_in(app: APIFlask, name: str, password: str = demo.PASSWORD) -> Any:
    """Sign in by name and password, through the door."""
    answer = app.test_client().post("/api/auth/login", json={"email": f"{name}@demo.test", "password": password})
    assert answer.status_code == 200, answer.json
    return answer


@pytest.fixture(scope="session")
def databases(servers: TemporaryServers, signed_in: SignedInPractice) -> Iterator[Databases]:
    """What tests borrow their databases from."""
    lender = Databases(servers.postgres, signed_in.template)
    yield lender
    lender.close()


@pytest.fixture
def database(databases: Databases) -> Iterator[DatabaseUrls]:
    """A database of the test's own, with the demo practice in it."""
    with databases.lend() as urls:
        yield urls


def _settings(database: DatabaseUrls, servers: TemporaryServers) -> Settings:
    return Settings(
        database_url=database.owner,
        web_database_url=database.web,
        worker_database_url=database.worker,
        redis_url=servers.redis.url,
        secret_key="a secret of the tests, and of nobody else",
        jwt_secret_key="another secret of the tests, long enough",
        demo_mode=True,
        async_mode="threading",
        access_token_seconds=3600,
        rate_limit_per_minute=600_000,
        login_limit_per_minute=600_000,
        metrics_token=METRICS_TOKEN,
    )


@pytest.fixture
def settings(database: DatabaseUrls, servers: TemporaryServers) -> Settings:
    """Settings of a web or worker process that uses this test's servers."""
    return _settings(database, servers)


@pytest.fixture
def owner(database: DatabaseUrls) -> Iterator[Session]:
    """A session with the owner's rights, for what plain SQL may do."""
    with plain_sql.connect(database.owner) as session:
        yield session


@contextmanager
def _worker_app(settings: Settings) -> Iterator[APIFlask]:
    app = create_app(settings, process="worker")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def worker_app(settings: Settings) -> Iterator[APIFlask]:
    """The app as the worker has it."""
    with _worker_app(settings) as app:
        yield app


RunLane = Callable[[], list[lane.Batch]]


def _run_lane(worker_app: APIFlask) -> RunLane:
    # The bell's thread and a test take turns, or one of them would find the other's lane at work and go home.
    turn = threading.Lock()

    def run() -> list[lane.Batch]:
        batches = []
        with turn, worker_app.app_context():
            while True:
                batch = lane.run_batch(db.session(), services.settings())
                if batch is not None:
                    batches.append(batch)
                if batch is None or not batch.more:
                    return batches

    return run


@pytest.fixture
def run_lane(worker_app: APIFlask) -> RunLane:
    """Run the lane until nothing is due, as the task does, with the worker's rights; returns what it did."""
    return _run_lane(worker_app)


@contextmanager
def _web_app(settings: Settings, run_lane: RunLane) -> Iterator[APIFlask]:
    # Of an app of its own: to the tests' app a test may add a door, which no document describes.
    describe(lambda: create_app(settings, process="web"))
    app = create_app(settings, process="web")
    app.test_client_class = CheckedClient
    # A test changes something, and looks at once.
    services.provide(app, RecentHealth(seconds=0))
    services.provide(app, RecentReadiness(seconds=0))

    threads: list[threading.Thread] = []
    is_over = False

    def ring() -> None:
        if is_over:
            sys.exit()
        for batch in run_lane():
            services.of(app, Waiting).resolve(batch.outcomes)

    def start_thread(target: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            with suppress(SystemExit):
                target()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        threads.append(thread)
        return thread

    bell = Bell(ring, start_thread)
    services.provide(app, bell)
    yield app
    # A thread that waited for ever would keep its app, and so each test would make the next ones slower.
    is_over = True
    for thread in threads:
        # Again and again: callers who came at the same moment may have started two, and one ring wakes one of them.
        while thread.is_alive():
            bell.ring()
            thread.join(0.05)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(settings: Settings, run_lane: RunLane, signed_in: SignedInPractice) -> Iterator[APIFlask]:
    """The app as a web process has it; ringing runs the lane at once instead of going through Celery."""
    with _web_app(settings, run_lane) as app:
        _make_ready(app, signed_in)
        yield app


def _make_ready(app: APIFlask, signed_in: SignedInPractice) -> None:
    answers = {name: list(answers) for name, answers in signed_in.answers.items()}
    services.provide(app, SignedInPractice(signed_in.template, answers))


@pytest.fixture(scope="module")
def shared_app(servers: TemporaryServers, databases: Databases, signed_in: SignedInPractice) -> Iterator[APIFlask]:
    """An app for all tests of a module that leave nothing behind: requests that are refused, and reads."""
    with databases.lend() as urls:
        settings = _settings(urls, servers)
        with _worker_app(settings) as worker_app, _web_app(settings, _run_lane(worker_app)) as app:
            _make_ready(app, signed_in)
            yield app


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
        if isinstance(body, bytes):
            options = {"data": body, "content_type": named.pop("Content-Type", "image/png")}
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


def _ready_answers(app: APIFlask) -> dict[str, list[dict[str, Any]]]:
    ready = services.find(app, SignedInPractice)
    return {} if ready is None else ready.answers


def mute(app: APIFlask) -> None:
    """Let nobody ring for the lane, as if the worker were away."""
    services.provide(app, Bell(lambda: None, lambda _run: "no thread"))


def sign_in_to(app: APIFlask, name: str, password: str = demo.PASSWORD) -> Caller:
    """Somebody with a session of their own: one that was ready, or a fresh one."""
    ready = _ready_answers(app).get(name) if password == demo.PASSWORD else None
    answer = ready.pop() if ready else log_in(app, name, password).json
    return Caller(app.test_client(), answer["user"], answer["accessToken"], answer["refreshToken"])


def visit(app: APIFlask) -> Caller:
    """Somebody without an account, who has asked for a token."""
    token = app.test_client().post("/api/public/token").json["accessToken"]
    nobody = {"id": str(uuid.uuid4()), "role": "visitor", "name": "", "email": "", "patients": []}
    return Caller(app.test_client(), nobody, token, "")


@pytest.fixture
def sign_in(app: APIFlask) -> Callable[..., Caller]:
    """Sign in as one of the demo accounts: `sign_in("patient1")`."""
    return functools.partial(sign_in_to, app)


@dataclass(frozen=True)
class Practice:
    """The demo practice's records, in the order of `demo.py`: `patients[0]` belongs to patient1@demo.test."""

    dentists: list[uuid.UUID]
    patients: list[uuid.UUID]
    treatments: dict[str, uuid.UUID]


@pytest.fixture
def practice(owner: Session) -> Practice:
    """Who is there."""
    dentists = dict(owner.execute(select(Dentist.name, Dentist.id)).all())
    patients = dict(owner.execute(select(Patient.name, Patient.id)).all())
    treatments = dict(owner.execute(select(Treatment.name, Treatment.id)).all())
    owner.rollback()
    return Practice([dentists[name] for name in demo.DENTISTS], [patients[name] for name in demo.PATIENTS], treatments)


def a_free_monday(*, weeks: int = 5, hour: int = 9) -> datetime:
    """A Monday at nine by the demo practice's clock, in UTC: it is open from eight to twelve, and its diary empty."""
    day = datetime.now(UTC).date() + timedelta(weeks=weeks)
    day -= timedelta(days=day.weekday())
    return datetime.combine(day, time(hour), ZoneInfo(demo.TIME_ZONE)).astimezone(UTC)
