"""The demo practice in a database, to be copied by every test that wants one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.late_begin import LateBegin
from dental_sync.local.embedded.postgres import Postgres
from dental_sync.records import demo
from dental_sync.storage import schema

TEMPLATE = "template_practice"


def make_template(postgres: Postgres) -> str:
    """Make a migrated database with the demo practice; returns its name."""
    urls = postgres.create_database(TEMPLATE)
    schema.upgrade(urls.owner, urls.web, urls.worker)
    engine = create_engine(sqlalchemy_url(urls.owner), connect_args={"connection_factory": LateBegin})
    with Session(engine) as session:
        demo.load(session, datetime.now(UTC))
        session.commit()
    engine.dispose()
    postgres.ready_to_be_copied(TEMPLATE)
    return TEMPLATE
