"""The command line: each command does one thing, and says in one line what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.cli import main
from dental_sync.core.config import Settings
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.storage import row_security
from dental_sync.sync import log
from tests import plain_sql
from tests.conftest import log_in

Run = Callable[..., Result]


def environment(settings: Settings, **changes: str) -> dict[str, str]:
    """As an operator sets it."""
    return {
        "DATABASE_URL": settings.database_url,
        "WEB_DATABASE_URL": settings.web_database_url,
        "WORKER_DATABASE_URL": settings.worker_database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": "Zq8-tF3_xW0kLm5vB7nC2sD9hJ4gP6rY1u",
        "JWT_SECRET_KEY": "aQ2wS4eD6rF8tG0yH1uJ3iK5oL7pZ9xC",
        "DEMO_MODE": "",
        **changes,
    }


@pytest.fixture
def run(settings: Settings) -> Run:
    """Run a command on this test's database."""

    def run(*arguments: str, **changes: str) -> Result:
        return CliRunner().invoke(main, arguments, env=environment(settings, **changes))

    return run


def test_accounts_with_a_published_password_are_for_demo_mode_only(run: Run) -> None:
    """A real practice never gets an admin whose password is in the documentation."""
    refused = run("seed")
    assert refused.exit_code == 1
    assert "DEMO_MODE" in refused.output


@pytest.mark.parametrize(
    "shared",
    [("WORKER_DATABASE_URL", "web"), ("WORKER_DATABASE_URL", "owner"), ("WEB_DATABASE_URL", "owner")],
)
def test_two_of_the_three_cannot_share_a_role(run: Run, database: DatabaseUrls, shared: tuple[str, str]) -> None:
    """One role cannot have the rights of two: what the worker may not read, the web process and the owner must."""
    setting, role = shared
    refused = run("migrate", **{setting: getattr(database, role)})
    assert refused.exit_code == 1
    assert "two roles" in refused.output


def test_a_release_with_one_role_is_refused_before_anything_changes(servers: TemporaryServers, run: Run) -> None:
    """In words, so that the host keeps the old release; asked for, it is done."""
    urls = servers.postgres.create_database("practice_of_one_role")
    alone = {"DATABASE_URL": urls.owner, "WEB_DATABASE_URL": "", "WORKER_DATABASE_URL": ""}
    try:
        refused = run("migrate", **alone)
        assert refused.exit_code == 1
        assert "ONE_DATABASE_ROLE=1" in refused.output
        with plain_sql.connect(urls.owner) as untouched:
            assert untouched.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
        assert run("migrate", **alone, ONE_DATABASE_ROLE="1").exit_code == 0
    finally:
        servers.postgres.drop_database("practice_of_one_role")


def test_an_empty_database_is_migrated_and_seeded_once(servers: TemporaryServers, run: Run) -> None:
    """Both commands may be repeated."""
    urls = servers.postgres.create_database("practice_of_the_command_line")
    addresses: dict[str, Any] = {
        "DATABASE_URL": urls.owner,
        "WEB_DATABASE_URL": urls.web,
        "WORKER_DATABASE_URL": urls.worker,
    }
    try:
        for _ in range(2):
            assert run("migrate", **addresses).exit_code == 0
        assert "is loaded" in run("seed", **addresses, DEMO_MODE="1").output
        assert "nothing was loaded" in run("seed", **addresses, DEMO_MODE="1").output
        with plain_sql.connect(urls.web, row_security.SYSTEM) as session:
            assert session.scalar(text("SELECT count(*) FROM users")) == 17
    finally:
        servers.postgres.drop_database("practice_of_the_command_line")


def test_the_first_admin_of_a_practice_can_sign_in(run: Run, app: APIFlask) -> None:
    """With the rights of one."""
    made = run("create-admin", "boss@demo.test", "--name", "The Boss", "--password", "a long password")
    assert (made.exit_code, made.output) == (0, "boss@demo.test may sign in.\n")
    user = log_in(app, "boss", "a long password").json["user"]
    assert (user["role"], user["name"]) == ("admin", "The Boss")


@pytest.mark.parametrize(
    ("email", "name", "password", "said"),
    [
        ("boss@demo.test", "Boss", "short", "password"),
        ("no address", "Boss", "a long password", "email"),
        ("boss@demo.test", "", "a long password", "name"),
        ("Admin@demo.test", "Boss", "a long password", "exists already"),
    ],
)
def test_an_admin_that_the_api_would_refuse_is_refused_in_one_line(
    run: Run, owner: Session, email: str, name: str, password: str, said: str
) -> None:
    """Exit status 1, no traceback, no account."""
    count = text("SELECT count(*) FROM users")
    before = owner.scalar(count)
    owner.rollback()
    refused = run("create-admin", email, "--name", name, "--password", password)
    assert refused.exit_code == 1
    assert said in refused.output
    assert refused.output.count("\n") == 1
    assert isinstance(refused.exception, SystemExit)
    assert owner.scalar(count) == before


def test_a_new_epoch_begins_another_log(run: Run, owner: Session) -> None:
    """As after a restored dump; the command says which."""
    before = log.head(owner).epoch
    owner.rollback()
    said = run("new-epoch")
    assert said.exit_code == 0
    assert log.head(owner).epoch in said.output
    assert log.head(owner).epoch != before


@pytest.mark.parametrize("command", [("migrate",), ("seed",), ("new-epoch",)])
@pytest.mark.parametrize(("name", "value"), [("DATABASE_URL", ""), ("SECRET_KEY", "x"), ("REDIS_URL", "http://x")])
def test_a_wrong_setting_is_one_line_that_names_it(run: Run, command: tuple[str], name: str, value: str) -> None:
    """Exit status 1, and no traceback."""
    refused = run(*command, **{name: value})
    assert refused.exit_code == 1
    assert name in refused.output
    assert refused.output.count("\n") == 1
