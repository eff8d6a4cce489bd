"""Another app with settings of its own, and a delivery that runs, for the tests of the metrics."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask

from dental_sync import create_app
from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.core.extensions import db
from dental_sync.sync.delivery import Delivery


@pytest.fixture
def another_app(settings: Settings) -> Iterator[Callable[..., APIFlask]]:
    """Another web process with other settings: `another_app(metrics_token="")`."""
    apps: list[APIFlask] = []

    def make(**other: Any) -> APIFlask:
        apps.append(create_app(dataclasses.replace(settings, **other)))
        return apps[-1]

    yield make
    for app in apps:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def delivery(app: APIFlask) -> Delivery:
    """A process that has begun to deliver."""
    found = services.of(app, Delivery)
    found.look()
    return found
