"""Fixtures that several files of the API's tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import Caller, RunLane, sign_in_to


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


@pytest.fixture(scope="module")
def patient(shared_app: APIFlask) -> Caller:
    """Somebody who may book."""
    return sign_in_to(shared_app, "patient1")


@pytest.fixture(scope="module")
def admin(shared_app: APIFlask) -> Caller:
    """Somebody who may everything."""
    return sign_in_to(shared_app, "admin")
