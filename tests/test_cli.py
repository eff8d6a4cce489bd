"""The command line: each command does one thing, and says in one line what went wrong."""

from __future__ import annotations

import re
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
        first, second = (run("migrate", **addresses) for _ in range(2))
        assert (first.exit_code, second.exit_code) == (0, 0)
        assert "Applied 0007: What the practice offers is part of what is free" in first.output
        assert "The schema went from nothing to" in first.output
        assert "The schema is the newest already" in second.output
        for said in (first.output, second.output):
            assert "Granted dental_sync_web and dental_sync_worker their rights." in said
        assert "is loaded" in run("seed", **addresses, DEMO_MODE="1").output
        assert "nothing was loaded" in run("seed", **addresses, DEMO_MODE="1").output
        with plain_sql.connect(urls.web, row_security.SYSTEM) as session:
            assert session.scalar(text("SELECT count(*) FROM users")) == 18
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


def test_the_admins_are_listed_with_those_who_are_switched_off(run: Run, owner: Session) -> None:
    """By address; nobody else is in the list."""
    run("create-admin", "boss@demo.test", "--name", "The Boss", "--password", "a long password")
    owner.execute(text("UPDATE users SET active = false WHERE email = 'boss@demo.test'"))
    owner.commit()
    assert run("list-admins").output.splitlines() == [
        "admin@demo.test  Front Desk",
        "boss@demo.test  The Boss  (switched off)",
    ]


def test_without_an_admin_the_list_says_how_to_make_one(run: Run, owner: Session) -> None:
    """Exit status 1: a script notices."""
    owner.execute(text("UPDATE users SET role = 'chatbot' WHERE role = 'admin'"))
    owner.commit()
    listed = run("list-admins")
    assert listed.exit_code == 1
    assert "create-admin" in listed.output


def test_a_password_that_is_reset_ends_every_sign_in(run: Run, app: APIFlask, owner: Session) -> None:
    """Who knows the new one signs in; the old one, and every token from before, are refused; the trail has it."""
    before = log_in(app, "patient1").json
    reset = run("reset-password", "Patient1@Demo.test", "--password", "another long password")
    assert reset.exit_code == 0, reset.output
    assert reset.output == "patient1@demo.test may sign in with the new password; all earlier sign-ins have ended.\n"
    client = app.test_client()
    refresh = client.post("/api/auth/refresh", headers={"Authorization": f"Bearer {before['refreshToken']}"})
    me = client.get("/api/auth/me", headers={"Authorization": f"Bearer {before['accessToken']}"})
    old = client.post("/api/auth/login", json={"email": "patient1@demo.test", "password": "demo-password-1"})
    assert [refresh.status_code, me.status_code, old.status_code] == [401, 401, 401]
    assert log_in(app, "patient1", "another long password").status_code == 200
    [entry] = owner.execute(text("SELECT actor_id, details FROM audit WHERE action = 'change-account'")).all()
    assert (entry.actor_id, entry.details) == (None, {"commandLine": True})


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [("patient1@demo.test", "short", "password"), ("nobody@demo.test", "a long password", "no account")],
)
def test_a_password_that_cannot_be_reset_is_refused_in_one_line(run: Run, email: str, password: str, said: str) -> None:
    """Exit status 1, no traceback."""
    refused = run("reset-password", email, "--password", password)
    assert refused.exit_code == 1
    assert said in refused.output
    assert refused.output.count("\n") == 1


def test_an_account_that_is_switched_off_stays_so(run: Run, owner: Session) -> None:
    """Another password opens no door that an admin has shut, and the operator is told."""
    owner.execute(text("UPDATE users SET active = false WHERE email = 'patient1@demo.test'"))
    owner.commit()
    assert "switched off" in run("reset-password", "patient1@demo.test", "--password", "another long password").output
    assert owner.scalar(text("SELECT active FROM users WHERE email = 'patient1@demo.test'")) is False


def test_what_is_past_its_retention_is_deleted_on_demand(run: Run, owner: Session) -> None:
    """With the worker's rights; the command says how much, and a second one finds nothing."""
    owner.execute(text("UPDATE auth_sessions SET expires_at = now() - interval '1 day'"))
    sign_ins = owner.scalar(text("SELECT count(*) FROM auth_sessions"))
    owner.commit()
    first, second = (
        {what: int(count) for count, what in re.findall(r"(\d+) ([a-z -]+)", run("prune").output)} for _ in range(2)
    )
    assert first == {**dict.fromkeys(second, 0), "sign-ins": sign_ins}
    assert {"messages", "mails", "codes", "invitations", "appointments", "absences", "audit entries"} <= second.keys()
    assert set(second.values()) == {0}


def test_a_new_epoch_begins_another_log(run: Run, owner: Session) -> None:
    """As after a restored dump; the command says which."""
    before = log.head(owner).epoch
    owner.rollback()
    said = run("new-epoch")
    assert said.exit_code == 0
    assert log.head(owner).epoch in said.output
    assert log.head(owner).epoch != before


@pytest.mark.parametrize(
    "command",
    [
        ("migrate",),
        ("seed",),
        ("new-epoch",),
        ("prune",),
        ("list-admins",),
        ("reset-password", "a@b.test", "--password", "long enough"),
    ],
)
@pytest.mark.parametrize(("name", "value"), [("DATABASE_URL", ""), ("SECRET_KEY", "x"), ("REDIS_URL", "http://x")])
def test_a_wrong_setting_is_one_line_that_names_it(run: Run, command: tuple[str, ...], name: str, value: str) -> None:
    """Exit status 1, and no traceback."""
    refused = run(*command, **{name: value})
    assert refused.exit_code == 1
    assert name in refused.output
    assert refused.output.count("\n") == 1
