"""What those who keep something of the practice in a soak have in common: calls, dice, and what no refusal explains."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .rest import Answer
from .system import System

Call = Callable[[str, str, str, Any], Answer]
# What must not be there: (what, query).
Never = Sequence[tuple[str, str]]


@dataclass
class Keeper:
    """Does things as an admin; `complaints` has the answers that were not expected."""

    call: Call
    dice: random.Random
    complaints: list[str] = field(default_factory=list)

    def done(self, method: str, path: str, body: Any, expected: set[int]) -> Answer:
        """Call, and complain of every answer but these."""
        answer = self.call("admin", method, path, body)
        if answer.status not in expected:
            self.complaints.append(f"{method} {path} was answered with {answer.status} {answer.code}")
        return answer


def found_of(system: System, never: Never) -> list[str]:
    """What is in the database of all that must not be there."""
    found = []
    with system.owner() as cursor:
        for what, query in never:
            cursor.execute(query)
            found += [f"{what}: {row[0]}" for row in cursor.fetchall()]
    return found
