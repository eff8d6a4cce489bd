"""A web process says soon after its start when the sum of all processes' connections exceeds a server's limit."""

from __future__ import annotations

import dataclasses

import pytest
from apiflask import APIFlask

from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.local.embedded.postgres import MAX_CONNECTIONS
from dental_sync.processes import web
from dental_sync.sockets.subscriptions import Registry


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else has to start."""
    monkeypatch.setattr(web, "OTHERS_START_SECONDS", 0)


def test_a_sum_that_fits_is_not_mentioned(app: APIFlask, caplog: pytest.LogCaptureFixture) -> None:
    """The defaults fit into the smallest plans."""
    web.say_what_does_not_fit(app)
    assert caplog.messages == []


@pytest.mark.parametrize("setting", ["database_pool_size", "redis_pool_size"])
def test_a_sum_that_does_not_fit_is_said_in_the_log(
    app: APIFlask, caplog: pytest.LogCaptureFixture, setting: str
) -> None:
    """One line for each server, with both numbers."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), **{setting: 20_000}))
    web.say_what_does_not_fit(app)
    [said] = caplog.messages
    assert ("PostgreSQL" if setting == "database_pool_size" else "Redis") in said
    assert "How connections add up" in said


def test_all_web_processes_that_are_registered_are_counted(app: APIFlask, caplog: pytest.LogCaptureFixture) -> None:
    """One alone fits into PostgreSQL's 200, and two do not."""
    registry = services.of(app, Registry)
    services.provide(app, dataclasses.replace(services.of(app, Settings), database_pool_size=MAX_CONNECTIONS // 2))
    for process in ("one", "two"):
        caplog.clear()
        registry.process_id = process
        registry.report(position=1, epoch="e", timestamp="t", delivered=0, refusals={})
        web.say_what_does_not_fit(app)
        assert bool(caplog.messages) == (process == "two"), caplog.messages


def test_servers_that_do_not_answer_are_not_mentioned(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """Health says that."""
    from dental_sync import create_app

    nowhere = "postgresql://nobody@127.0.0.1:1/nowhere"
    app = create_app(dataclasses.replace(settings, web_database_url=nowhere, redis_url="redis://127.0.0.1:1/0"))
    web.say_what_does_not_fit(app)
    assert [message for message in caplog.messages if "connections" in message] == []
