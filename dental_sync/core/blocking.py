"""Work that holds the processor, such as hashing a password: done where it stalls no socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dental_sync.core import services

Result = TypeVar("Result")


def _inline(work: Callable[..., Any], *arguments: Any) -> Any:
    return work(*arguments)


@dataclass(frozen=True, slots=True)
class Offload:
    """How a process does such work: at once, or in a thread where its sockets share one (an evented process)."""

    run: Callable[..., Any] = _inline


def run_blocking(work: Callable[..., Result], *arguments: Any) -> Result:
    """Do the work as the current app's process does it; returns and raises what the work does."""
    result: Result = services.current(Offload).run(work, *arguments)
    return result
