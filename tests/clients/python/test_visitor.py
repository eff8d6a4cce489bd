"""The Python client's visitor, against the real API."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from dental_sync_client import SyncError, VisitorSession
from sqlalchemy import text
from sqlalchemy.orm import Session as DatabaseSession

from dental_sync.core import services
from dental_sync.core.config import Settings
from tests.clients.python.test_session import URL, Service


def test_a_visitor_has_a_token_until_it_expires_and_then_another_one(app: APIFlask) -> None:
    """Nobody signs in for it, and it opens what is free alone."""
    service = Service(app)
    visitor = VisitorSession(URL, post=service.post, now=lambda: service.now)
    first = visitor.get_token()
    assert visitor.get_token(False) == first
    second = visitor.get_token(True)
    service.now = services.of(app, Settings).access_token_seconds - 5.0
    assert len({first, second, visitor.get_token()}) == 3
    assert service.asked == ["/api/public/token"] * 3
    assert service.me(first) == 403


def test_a_practice_that_shows_nothing_gives_no_visitors_token(app: APIFlask, owner: DatabaseSession) -> None:
    """It is said once, and not tried again; a lost answer is."""
    service = Service(app)
    visitor = VisitorSession(URL, post=service.post, now=lambda: service.now)
    service.answers_to_lose = 1
    with pytest.raises(SyncError) as lost:
        visitor.get_token()
    owner.execute(text("UPDATE practice SET public_booking = 'off'"))
    owner.commit()
    with pytest.raises(SyncError) as refused:
        visitor.get_token()
    assert (lost.value.retryable, refused.value.retryable) == (True, False)
    assert (lost.value.code, refused.value.code) == ("connection-lost", "not-found")
