"""Who began to follow what is in the audit trail before it is acknowledged, however many come at once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dental_sync.core.config import sqlalchemy_url
from dental_sync.sockets.noting import Followings
from tests.databases import DatabaseUrls

CHANNEL = "appointments:all"
ADDRESS = "203.0.113.7"
NOTED = text("SELECT count(*) FROM audit WHERE actor_id = ANY (CAST(:accounts AS uuid[]))")


@pytest.fixture
def engine(database: DatabaseUrls) -> Iterator[Engine]:
    """With the rights of a web process."""
    engine = create_engine(sqlalchemy_url(database.web))
    yield engine
    engine.dispose()


def reading(account: str, action: str | None = "subscribe") -> dict[str, Any]:
    """An entry; without an action the database refuses it."""
    names = ("request_id", "caller_request_id", "address", "user_agent", "details")
    made = {"actor_id": account, "actor_role": "admin", "action": action, "kind": "appointment", "record_ids": []}
    return {**made, **dict.fromkeys(names)}


def test_those_who_come_at_once_share_a_commit_and_each_is_noted_when_its_call_returns(
    engine: Engine, owner: Session
) -> None:
    """The first is alone; who comes meanwhile waits, and goes together."""
    followings = Followings(engine)
    accounts = [str(uuid.uuid4()) for _ in range(20)]
    commits: list[object] = []
    the_first_is_at_work, all_have_come = threading.Event(), threading.Event()

    def pause(connection: object) -> None:
        commits.append(connection)
        the_first_is_at_work.set()
        assert all_have_come.wait(20)

    event.listen(engine, "commit", pause)
    failures: list[Exception] = []

    def follow(account: str) -> None:
        try:
            followings.note(account, CHANNEL, ADDRESS, reading(account))
            with engine.connect() as connection:
                connection.execute(text("SELECT set_config('dental_sync.role', 'admin', true)"))
                assert connection.scalar(NOTED, {"accounts": [account]}) == 1
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=follow, args=(account,)) for account in accounts]
    threads[0].start()
    assert the_first_is_at_work.wait(20)
    for thread in threads[1:]:
        thread.start()
    while len(followings._waiting) < len(accounts) - 1:
        threading.Event().wait(0.01)
    all_have_come.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(commits) == 2
    assert owner.scalar(NOTED, {"accounts": accounts}) == len(accounts)


def test_what_the_database_has_against_one_is_not_the_others_failure(engine: Engine, owner: Session) -> None:
    """They were refused together, and are tried one by one."""
    followings = Followings(engine)
    good, bad = str(uuid.uuid4()), str(uuid.uuid4())
    outcome: dict[str, Exception | None] = {}

    def follow(account: str, action: str | None) -> None:
        try:
            followings.note(account, CHANNEL, ADDRESS, reading(account, action))
            outcome[account] = None
        except SQLAlchemyError as failure:
            outcome[account] = failure

    threads = [threading.Thread(target=follow, args=given) for given in ((good, "subscribe"), (bad, None))]
    with followings._writing:
        for thread in threads:
            thread.start()
        while len(followings._waiting) < len(threads):
            threading.Event().wait(0.01)
    for thread in threads:
        thread.join()
    assert outcome[good] is None
    assert "action" in str(outcome[bad])
    assert owner.scalar(NOTED, {"accounts": [good]}) == 1
    assert followings.was_noted_lately(good, CHANNEL, ADDRESS)
    assert not followings.was_noted_lately(bad, CHANNEL, ADDRESS)


def test_a_subscription_is_noted_once_a_minute_for_each_account_channel_and_address(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection of the account within a minute tells nothing new, one from another address does."""
    followings = Followings(engine)
    account = str(uuid.uuid4())
    assert not followings.was_noted_lately(account, CHANNEL, ADDRESS)
    followings.note(account, CHANNEL, ADDRESS, reading(account))
    followings.forget_old()
    assert followings.was_noted_lately(account, CHANNEL, ADDRESS)
    assert not followings.was_noted_lately(account, CHANNEL, "203.0.113.8")
    assert not followings.was_noted_lately(account, "appointments:patient:1", ADDRESS)
    monkeypatch.setattr("dental_sync.sockets.noting.NOTED_SECONDS", 0.0)
    followings.forget_old()
    assert not followings._noted_at
