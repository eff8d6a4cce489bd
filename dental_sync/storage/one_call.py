"""Several statements in one message to the database, which saves a round trip for each but one."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Result, text
from sqlalchemy.orm import Session

# As many as there are shapes of batches; what is composed anew each time is parsed anew, too.
_text = functools.lru_cache(maxsize=200)(text)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and its values, whose names no other statement of the call has."""

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)


COMMIT = Statement("COMMIT")


def execute(session: Session, statements: Sequence[Statement]) -> Result[Any]:
    """Send these in their order; returns the rows of the last one. What fails leaves the transaction as it would alone.

    Each sees what was committed before it began, as if it had been sent by itself.
    """
    values = {name: value for statement in statements for name, value in statement.values.items()}
    return session.execute(_text("; ".join(statement.sql for statement in statements)), values)
