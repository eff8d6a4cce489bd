"""The services of an app, found by their type.

A process is put together in one place (`create_app`, `processes/web.bind`), which provides each service; everything
else asks for it by its class, and mypy knows what it gets. It is a register and not a dataclass with a field for each
service, because such a dataclass would have to import from this package the classes of every package above it.
"""

from __future__ import annotations

from typing import TypeVar

from flask import Flask, current_app

from dental_sync.core.config import Settings

Service = TypeVar("Service")

_KEY = "dental_sync"


def provide(app: Flask, service: Service, *, kind: type[Service] | None = None) -> None:
    """Make this the app's service of its type, or of the wider type that is named, in place of any former one."""
    services: dict[type[object], object] = app.extensions.setdefault(_KEY, {})
    services[kind or type(service)] = service


def find(app: Flask, kind: type[Service]) -> Service | None:
    """The app's service of this type; None where the process has none."""
    services: dict[type[object], object] = app.extensions.get(_KEY, {})
    found = services.get(kind)
    return found if isinstance(found, kind) else None


def of(app: Flask, kind: type[Service]) -> Service:
    """The app's service of this type; raises LookupError where the process has none."""
    found = find(app, kind)
    if found is None:
        raise LookupError(f"this process has no {kind.__name__}")
    return found


def current(kind: type[Service]) -> Service:
    """The current app's service of this type; raises LookupError where the process has none."""
    return of(current_app, kind)


def settings() -> Settings:
    """The settings of the current app."""
    return current(Settings)
