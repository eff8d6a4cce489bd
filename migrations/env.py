"""Runs the migrations as the database's owner, then grants the web and worker roles what they may do.

Imports nothing of the app: a migration must mean the same thing years from now.
Called with the connection's URL and the names of the two lesser roles as attributes of the Alembic configuration.
"""

from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, text

GRANTS = Path(__file__).with_name("grants.sql")


def run() -> None:
    """Upgrade in one transaction per migration; a lock that is not to be had soon is an error, never a stalled site."""
    attributes = context.config.attributes
    engine = create_engine(
        attributes["url"],
        connect_args={"options": "-c lock_timeout=5s -c statement_timeout=15min -c timezone=UTC"},
    )
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        grants = GRANTS.read_text()
        for placeholder in ("web_role", "worker_role"):
            grants = grants.replace(f":{placeholder}", f'"{attributes[placeholder]}"')
        if attributes["web_role"] != attributes["owner_role"]:
            connection.execute(text(grants.replace(":", "\\:")))
            connection.commit()
    engine.dispose()


run()
