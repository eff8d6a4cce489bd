"""Bring a database to the newest schema: runs migrations/ as the owner, and grants the lesser roles their rights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from dental_sync.core.config import ConfigurationError, role_of, sqlalchemy_url

TEN_YEARS = 3650
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(
    database_url: str,
    web_database_url: str,
    worker_database_url: str,
    *,
    audit_retention_days: int = TEN_YEARS,
    say: Callable[[str], object] = lambda _: None,
) -> None:
    """Run what has not run yet; safe to repeat, and safe while the previous release still serves.

    From then on the database deletes no entry of the audit trail that is younger than `audit_retention_days` (0: none
    at all), whatever a process asks for. `say` is told what is done, a sentence at a time.

    Raises ConfigurationError when two of the three share a role: what one of them must not do the other has to.
    """
    if len({role_of(url) for url in (database_url, web_database_url, worker_database_url)}) == 2:
        raise ConfigurationError("WEB_DATABASE_URL and WORKER_DATABASE_URL must name two roles, or both the owner's")
    config = _alembic()
    config.attributes["say"] = say
    config.attributes["url"] = sqlalchemy_url(database_url)
    config.attributes["owner_role"] = role_of(database_url)
    config.attributes["grants"] = grants(role_of(web_database_url), role_of(worker_database_url))
    config.attributes["web_role"] = role_of(web_database_url)
    config.attributes["worker_role"] = role_of(worker_database_url)
    config.attributes["audit_retention_days"] = audit_retention_days
    command.upgrade(config, "head")


def grants(web_role: str, worker_role: str) -> str:
    """What the lesser roles may do, as SQL for the owner: migrations/grants.sql with their names."""
    sql = (MIGRATIONS / "grants.sql").read_text()
    return sql.replace(":web_role", quoted(web_role)).replace(":worker_role", quoted(worker_role))


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def newest() -> str | None:
    """The newest migration of this release."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether this release has such a migration."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions())


def version(connection: Connection) -> str | None:
    """The last migration that ran in a database; None where none did."""
    if connection.execute(text("SELECT to_regclass('public.alembic_version')")).scalar_one() is None:
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
