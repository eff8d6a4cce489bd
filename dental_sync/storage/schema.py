"""Bring a database to the newest schema: runs migrations/ as the owner, and grants the lesser roles their rights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config

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
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["say"] = say
    config.attributes["url"] = sqlalchemy_url(database_url)
    config.attributes["owner_role"] = role_of(database_url)
    config.attributes["web_role"] = role_of(web_database_url)
    config.attributes["worker_role"] = role_of(worker_database_url)
    config.attributes["audit_retention_days"] = audit_retention_days
    command.upgrade(config, "head")
