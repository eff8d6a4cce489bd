"""A front desk with a practice of its own, for tests that ask for writes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.storage import row_security
from tests import plain_sql
from tests.conftest import Practice, RunLane
from tests.writes.desk import Desk


@pytest.fixture
def desk(database: DatabaseUrls, practice: Practice) -> Iterator[Desk]:
    """Requests are taken with the web role's rights."""
    with plain_sql.connect(database.web, row_security.SYSTEM) as session:
        rows = session.execute(text("SELECT split_part(email, '@', 1) AS name, id FROM users")).all()
        session.rollback()
        yield Desk(session, {row.name: row.id for row in rows}, practice)


@pytest.fixture
def until_decided(desk: Desk, run_lane: RunLane) -> Callable[..., None]:
    """Run the lane, as the sweep does again and again, until these requests have outcomes."""

    def run(*request_ids: uuid.UUID) -> None:
        deadline = time.monotonic() + plain_sql.PATIENCE_SECONDS
        while not all(desk.answer(request_id) for request_id in request_ids):
            run_lane()
            assert time.monotonic() < deadline, "a request is never decided"

    return run
