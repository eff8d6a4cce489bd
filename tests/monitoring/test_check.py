"""`dental-sync check`: what an operator has to set right is found before a practice finds it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from dental_sync.cli import main
from dental_sync.core.config import Settings, sqlalchemy_url
from dental_sync.local.embedded.postgres import OWNER, WEB, WORKER, DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.monitoring import check as checking
from tests.test_cli import environment

Check = Callable[..., Result]


@pytest.fixture
def check(settings: Settings) -> Check:
    """Run it on this test's database, with other settings where they are given."""

    def check(*arguments: str, **changes: str) -> Result:
        return CliRunner().invoke(main, ["check", *arguments], env=environment(settings, **changes))

    return check


@contextmanager
def superuser(servers: TemporaryServers, database: DatabaseUrls) -> Iterator[Session]:
    """What only PostgreSQL's superuser may set, in this test's database."""
    name = database.owner.rpartition("/")[2]
    engine = create_engine(sqlalchemy_url(servers.postgres.superuser_url(name)))
    with Session(engine) as session:
        yield session
        session.commit()
    engine.dispose()


def lines(result: Result, level: str) -> list[str]:
    """The findings of one level."""
    return [line for line in result.output.splitlines() if line.startswith(f"{level} ")]


def test_where_all_is_well_there_is_no_fault(check: Check) -> None:
    """Status 0, and a line for each thing that was looked at."""
    looked = check()
    assert (looked.exit_code, lines(looked, "fault")) == (0, []), looked.output
    about = {line.split()[1] for line in lines(looked, "ok")}
    assert about >= {"settings", "origins", "database", "clock", "roles", "schema", "grants", "connections", "redis"}


def test_no_password_is_printed(check: Check, settings: Settings) -> None:
    """Also where something cannot be reached."""
    wrong = settings.web_database_url.replace("dental_sync_web:", "dental_sync_web:x")
    said = check(WEB_DATABASE_URL=wrong).output
    assert "WEB_DATABASE_URL" in said
    for url in (settings.database_url, settings.web_database_url, settings.worker_database_url, settings.redis_url):
        assert url.split("@")[0].rpartition(":")[2] not in said


def test_a_wrong_setting_ends_it_in_one_line(check: Check) -> None:
    """As it ends every process."""
    refused = check(CORS_ORIGINS="https://portal.example/")
    assert refused.exit_code == 1
    assert "CORS_ORIGINS" in refused.output


def test_a_setting_with_a_slip_in_its_name_is_noticed(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be ignored in silence."""
    monkeypatch.setenv("CORS_ORIGIN", "https://portal.example")
    assert any("CORS_ORIGIN is no setting" in line for line in lines(check(), "notice"))


@pytest.mark.parametrize(
    ("change", "back", "said"),
    [
        ("ALTER ROLE {web} SUPERUSER", "ALTER ROLE {web} NOSUPERUSER", "is a superuser"),
        ("ALTER ROLE {worker} BYPASSRLS", "ALTER ROLE {worker} NOBYPASSRLS", "BYPASSRLS"),
        ("GRANT {owner} TO {web}", "REVOKE {owner} FROM {web}", "is a member of"),
    ],
)
def test_a_role_that_row_level_security_does_not_restrict_is_a_fault(
    check: Check, servers: TemporaryServers, database: DatabaseUrls, change: str, back: str, said: str
) -> None:
    """A query without a WHERE would show everything."""
    names = {"web": WEB, "worker": WORKER, "owner": OWNER}
    with superuser(servers, database) as session:
        session.execute(text(change.format(**names)))
    try:
        looked = check()
    finally:
        with superuser(servers, database) as session:
            session.execute(text(back.format(**names)))
    assert looked.exit_code == 1
    assert any("roles" in line and said in line for line in lines(looked, "fault")), looked.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (f"REVOKE UPDATE ON practice FROM {WORKER}; REVOKE INSERT ON audit FROM {WEB}", f"{WEB} may not: INSERT audit"),
        (f"GRANT DELETE ON audit TO {WEB}", f"{WEB} may also: DELETE audit"),
        (f"GRANT SELECT (password_hash) ON users TO {WORKER}", f"{WORKER} may also: SELECT users.password_hash"),
        (f"REVOKE EXECUTE ON FUNCTION signed_in FROM {WEB}", f"{WEB} may not: EXECUTE signed_in(uuid)"),
        ("DROP POLICY worker ON holds", f"{WORKER} may not: policy holds"),
    ],
)
def test_a_right_that_is_missing_or_too_much_is_a_fault_and_is_left_as_it_is(
    check: Check, owner: Session, change: str, said: str
) -> None:
    """Found by granting everything anew in a transaction that is rolled back."""
    owner.execute(text(change))
    owner.commit()
    for _ in range(2):
        looked = check()
        assert looked.exit_code == 1
        assert any("grants" in line and said in line for line in lines(looked, "fault")), looked.output


def test_an_old_a_new_and_an_empty_schema_are_faults(check: Check, owner: Session, servers: TemporaryServers) -> None:
    """What to do is said."""
    newest = owner.scalar(text("SELECT version_num FROM alembic_version"))
    for version, said in (("0001", "dental-sync migrate"), ("9999", "does not know")):
        owner.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        owner.commit()
        [fault] = lines(check(), "fault")
        assert said in fault
    owner.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": newest})
    owner.commit()
    empty = servers.postgres.create_database("practice_empty")
    try:
        looked = check(DATABASE_URL=empty.owner, WEB_DATABASE_URL=empty.web, WORKER_DATABASE_URL=empty.worker)
        assert any("empty" in line for line in lines(looked, "fault")), looked.output
    finally:
        servers.postgres.drop_database("practice_empty")


def test_roles_of_another_database_are_a_fault(check: Check, owner: Session, servers: TemporaryServers) -> None:
    """Web processes would serve one practice, and the worker another."""
    other = servers.postgres.create_database("practice_other", "template_signed_in")
    engine = create_engine(sqlalchemy_url(other.owner))
    with engine.begin() as connection:
        connection.execute(text("UPDATE log_head SET epoch = :epoch"), {"epoch": str(uuid.uuid4())})
    engine.dispose()
    owner.rollback()
    try:
        looked = check(WORKER_DATABASE_URL=other.worker)
    finally:
        servers.postgres.drop_database("practice_other")
    assert any("WORKER_DATABASE_URL is another database" in line for line in lines(looked, "fault")), looked.output


@pytest.mark.parametrize("name", ["DATABASE_URL", "WEB_DATABASE_URL", "REDIS_URL"])
def test_what_does_not_answer_is_a_fault(check: Check, name: str) -> None:
    """One line for it, and the rest is looked at all the same."""
    nowhere = "redis://127.0.0.1:1/0" if name == "REDIS_URL" else f"postgresql://{name.lower()}@127.0.0.1:1/practice"
    looked = check(**{name: nowhere})
    assert looked.exit_code == 1
    assert any(name in line for line in lines(looked, "fault")), looked.output
    assert lines(looked, "ok")


def test_clocks_that_are_apart_are_a_fault(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens would be refused as expired, and bookings as past; both servers are asked."""
    real = checking.time.time
    monkeypatch.setattr(checking.time, "time", lambda: real() - 60)
    found = [line for line in lines(check(), "fault") if " clock " in line]
    assert {line.split("'s clock")[0].split()[-1] for line in found} == {"PostgreSQL", "Redis"}
    assert all("60 s apart" in line for line in found)


def test_more_connections_than_the_servers_take_are_a_fault(
    check: Check, servers: TemporaryServers, database: DatabaseUrls
) -> None:
    """By the number of web processes that will run: PostgreSQL's own limit, and a role's."""
    assert lines(check("--web-processes", "2"), "fault") == []
    many = check("--web-processes", "100")
    assert any("1005 connections to PostgreSQL, which takes" in line for line in lines(many, "fault")), many.output
    with superuser(servers, database) as session:
        session.execute(text(f"ALTER ROLE {WEB} CONNECTION LIMIT 15"))
    try:
        assert lines(check("--web-processes", "1"), "fault") == []
        [fault] = lines(check("--web-processes", "2"), "fault")
        assert f"20 connections of {WEB}, which may have 15" in fault
    finally:
        with superuser(servers, database) as session:
            session.execute(text(f"ALTER ROLE {WEB} CONNECTION LIMIT -1"))


def test_statements_in_the_log_of_postgresql_are_noticed(
    check: Check, servers: TemporaryServers, database: DatabaseUrls
) -> None:
    """A choice of whoever runs the server, so no fault; each role's own setting counts."""
    with superuser(servers, database) as session:
        session.execute(text(f"ALTER ROLE {WEB} SET log_statement = 'all'"))
        session.execute(text(f"ALTER ROLE {WORKER} SET log_min_error_statement = 'panic'"))
    try:
        looked = check()
    finally:
        with superuser(servers, database) as session:
            session.execute(text(f"ALTER ROLE {WEB} RESET log_statement"))
            session.execute(text(f"ALTER ROLE {WORKER} RESET log_min_error_statement"))
    assert looked.exit_code == 0
    [of_web] = [line for line in lines(looked, "notice") if " WEB_DATABASE_URL" in line and "into its log" in line]
    assert "log_statement" in of_web
    assert not [line for line in lines(looked, "notice") if "WORKER_DATABASE_URL" in line]
