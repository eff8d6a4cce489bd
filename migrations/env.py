"""Runs the migrations as the database's owner, then grants the web and worker roles what they may do.

Imports nothing of the app: a migration must mean the same thing years from now.
Called with the connection's URL, the names of the roles and what the lesser ones are granted (grants.sql, with their
names) as attributes of the Alembic configuration.
"""

from alembic import context
from alembic.runtime.migration import MigrationInfo
from sqlalchemy import create_engine, text

KEEP_AUDIT = """
CREATE OR REPLACE FUNCTION audit_retention_days() RETURNS integer LANGUAGE sql STABLE AS 'SELECT {days}'
"""


def run() -> None:
    """Upgrade in one transaction per migration; a lock that is not to be had soon is an error, never a stalled site."""
    attributes = context.config.attributes
    engine = create_engine(
        attributes["url"],
        connect_args={"options": "-c lock_timeout=5s -c statement_timeout=15min -c timezone=UTC"},
    )
    say = attributes["say"]

    def applied(*, step: MigrationInfo, **_: object) -> None:
        for revision in step.up_revisions:
            say(f"Applied {revision.revision}: {(revision.doc or '').splitlines()[0]}")

    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True, on_version_apply=applied)
        before = context.get_context().get_current_revision()
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        after = context.get_context().get_current_revision()
        if before == after:
            say(f"The schema is the newest already ({after}).")
        else:
            say(f"The schema went from {before or 'nothing'} to {after}.")
        # The owner says how long the audit trail is kept; whoever asks to delete what is younger is refused.
        connection.execute(text(KEEP_AUDIT.format(days=int(attributes["audit_retention_days"]))))
        connection.commit()
        if attributes["web_role"] != attributes["owner_role"]:
            connection.execute(text(attributes["grants"].replace(":", "\\:")))
            connection.commit()
            say(f"Granted {attributes['web_role']} and {attributes['worker_role']} their rights.")
        else:
            say(f"There is one role, {attributes['owner_role']}: no rights were granted.")
    engine.dispose()


run()
