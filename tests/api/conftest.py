"""Fixtures that several files of the API's tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import RunLane


@pytest.fixture
def empty_diary(owner: Session) -> None:
    """Nobody of the demo practice's coming week is in the way of other hours."""
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()


@pytest.fixture
def head(owner: Session, run_lane: RunLane) -> Callable[[], int]:
    """Where the log ends once everything is published."""

    def look() -> int:
        run_lane()
        position: int = owner.scalar(text("SELECT position FROM log_head"))
        owner.rollback()
        return position

    return look
