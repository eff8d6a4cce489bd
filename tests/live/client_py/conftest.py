"""Python clients of the real system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ..system import System
from .follower import Follow, Follower, assert_described


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Follow as a demo account; all clients are closed at the end."""
    followers: list[Follower] = []

    def follow(system: System, name: str, get_token: Callable[[], str] | None = None, **options: Any) -> Follower:
        follower = Follower(system.url(), get_token or (lambda: system.account(name).token), **options)
        followers.append(follower)
        return follower

    yield follow
    for follower in followers:
        follower.sync.close()
    for follower in followers:
        assert_described(follower.wire)
