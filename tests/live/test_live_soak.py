"""The oracle under fire, for a short while; `make soak` does it for long."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from dental_sync import demo, schema
from dental_sync.config import sqlalchemy_url
from dental_sync.embedded.temporary import temporary_servers

from .conftest import running_system
from .javascript import Node
from .soak import SETTINGS, soak


def test_under_fire_nothing_is_lost_doubled_out_of_order_or_leaked(node: Node, tmp_path: Path) -> None:
    """Every screen's copy equals a fresh snapshot, and every acknowledged write was applied exactly once."""
    # Servers of its own: PostgreSQL is among what gets killed.
    with temporary_servers() as servers:
        urls = servers.postgres.create_database("template_soak")
        schema.upgrade(urls.owner, urls.web, urls.worker)
        engine = create_engine(sqlalchemy_url(urls.owner))
        with Session(engine) as session:
            demo.load(session, datetime.now(UTC))
            session.commit()
        engine.dispose()
        with running_system(servers, "template_soak", tmp_path, SETTINGS) as system:
            report = soak(system, node, seconds=25, seed=7)
            assert report.complaints == []
            assert report.writes > 10
            assert report.faults.total() > 3
            assert system.complaints() == []
