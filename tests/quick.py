"""What makes thousands of tests in one process quick, and changes nothing that one of them could see."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import Any

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
