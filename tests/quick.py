"""What makes thousands of tests in one process quick, and changes nothing that one of them could see."""

from __future__ import annotations

import functools
import gc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

# Collections of the young, and of the middle-aged, before older objects are looked at too.
YOUNG_OBJECTS, YOUNG, MIDDLE_AGED = 10_000, 10, 10


def collect_garbage_seldom() -> None:
    """Look seldom for garbage: the heap is large, and what a test leaves behind small."""
    gc.set_threshold(YOUNG_OBJECTS, YOUNG, MIDDLE_AGED)


def keep_what_is_here() -> None:
    """Never look again at the modules and the collected tests, which stay to the end: it took an eighth of the time."""
    gc.collect()
    gc.freeze()


def compile_each_route_once() -> None:
    """Let the apps share the function that builds a route's address: to compile it was most of making an app.

    It is compiled from the parts of the rule alone, and is bound to the rule of an app afterwards.
    """
    compile_builder: Callable[..., Any] = Rule._compile_builder
    built: dict[tuple[Any, ...], Any] = {}

    @functools.wraps(compile_builder)
    def shared(rule: Rule, append_unknown: bool = True) -> Any:
        # A default is converted by the app's own converter.
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (append_unknown, *rule._trace)
        if key not in built:
            built[key] = compile_builder(rule, append_unknown)
        return built[key]

    Rule._compile_builder = shared  # type: ignore[method-assign]


# The files that take longest, the longest first; they have few tests, and xdist begins with the files that have many.
LONG_FILES = (
    "writes/test_verify.py",
    "api/test_never_500.py",
    "local/test_run.py",
    "writes/test_verify_records.py",
    "queries/test_availability.py",
    "api/test_waiting_without_data.py",
    "local/test_embedded.py",
    "sockets/test_asyncapi.py",
    "live/test_live_faults.py",
    "live/client_js/test_storm.py",
    "live/browser/test_live_browser_story.py",
    "live/browser/test_live_browser_react.py",
    "live/browser/test_live_browser_away.py",
)


def begin_with_long_files(items: list[pytest.Item], tests: Path) -> None:
    """Let no worker be busy with a long file at the end, when the others have nothing left to do."""
    places = {tests / name: place for place, name in enumerate(LONG_FILES)}
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (places.get(item.path, len(places)), -sizes[item.path]))
