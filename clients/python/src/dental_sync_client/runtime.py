"""What runs the state machine: `loop` in a thread, `event_loop` in asyncio. The machine itself waits for nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

Work = Callable[[], None]
T = TypeVar("T")


class Runtime(Protocol):
    """One thing is done after the other, and nothing while another is being done."""

    def put(self, work: Work) -> None:
        """Have something done in its turn; every thread may."""

    def later(self, seconds: float, work: Work) -> Work:
        """Have something done after a time; returns what calls it off."""

    def fetch(
        self, ask: Callable[[], T | Awaitable[T]], then: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Have something that takes time done: `then` gets what came of it, or `failed` what it raised."""

    def call(self, callback: Callable[..., Any] | None, *arguments: object) -> None:
        """Call the application back, after all earlier callbacks; what it raises is logged."""


class StoppableRuntime(Runtime, Protocol):
    """As the client sees it, which starts and stops it."""

    @property
    def is_started(self) -> bool:
        """Whether it works, or has worked."""

    def start(self, failed: Work, finish: Work) -> None:
        """Begin; `failed` follows work that has raised, `finish` is the last that is done where it runs in a thread."""

    def stop(self) -> None:
        """Do nothing more after what is being done now."""
