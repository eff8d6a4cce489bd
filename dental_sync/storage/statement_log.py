"""Whether PostgreSQL writes statements, which hold what people typed, into its own log.

Only its superuser, or whoever may SET the parameters, can change that: `migrate` needs no such right, and the app can
only say so. docs/deploying.md has the SQL.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

# What keeps statements, their parameters and the rows that they were about out of the log.
SAFE = {
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length_on_error": "0",
    # Without it DETAIL quotes the row, and after a crash the statement.
    "log_error_verbosity": "terse",
}

_SETTINGS = text("SELECT name, setting FROM pg_settings WHERE name = ANY (:names)")


def unsafe(connection: Connection | Session) -> dict[str, str]:
    """The parameters that let statements into PostgreSQL's log, as this connection has them, in order."""
    found = {row.name: row.setting for row in connection.execute(_SETTINGS, {"names": list(SAFE)})}
    return {name: found[name] for name, safe in SAFE.items() if name in found and found[name] != safe}


def amiss(session: Session) -> list[str]:
    """A sentence for each of them."""
    return [
        f"PostgreSQL may log what people typed: {name} is {setting} and should be {SAFE[name]}."
        for name, setting in unsafe(session).items()
    ]
