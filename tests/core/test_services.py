"""A process's services are found by their type, and nowhere by a name."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

import dental_sync
from dental_sync.core import services

PACKAGE = Path(dental_sync.__file__).parent


@dataclass(frozen=True)
class Clock:
    """A service."""

    zone: str


class StoppedClock(Clock):
    """A service of a narrower type."""


def test_a_service_is_found_by_its_type_and_the_newest_counts() -> None:
    """In the app that it was provided for, and within that app's context."""
    app = Flask("a practice")
    services.provide(app, Clock("Europe/Berlin"))
    services.provide(app, Clock("Europe/Paris"))
    assert services.of(app, Clock) == Clock("Europe/Paris")
    with app.app_context():
        assert services.current(Clock) == Clock("Europe/Paris")


def test_a_service_may_stand_in_for_a_wider_type() -> None:
    """As a test's own does, which is of a class made for it."""
    app = Flask("a practice")
    services.provide(app, stopped := StoppedClock("Europe/Berlin"), kind=Clock)
    assert services.of(app, Clock) is stopped
    assert services.find(app, StoppedClock) is None


def test_a_service_that_a_process_lacks_is_named() -> None:
    """A worker has no sockets; the error says what was asked for."""
    app = Flask("a practice")
    services.provide(app, "another service")
    assert services.find(app, Clock) is None
    with pytest.raises(LookupError, match="no Clock"):
        services.of(app, Clock)


def test_no_other_module_looks_into_the_apps_extensions() -> None:
    """Such a look-up has no type."""
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != PACKAGE / "core" / "services.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "extensions"
    ]
    assert found == []
