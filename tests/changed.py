"""Settings of an app that others use too, changed for a while."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from apiflask import APIFlask

from dental_sync.core import services
from dental_sync.core.config import Settings


@contextmanager
def changed(app: APIFlask, **settings: object) -> Iterator[None]:
    """Let the app have other settings: `with changed(shared_app, demo_mode=False)`."""
    before = services.of(app, Settings)
    services.provide(app, dataclasses.replace(before, **settings))  # type: ignore[arg-type]
    try:
        yield
    finally:
        services.provide(app, before)
