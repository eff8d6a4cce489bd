"""What is measured: each row of the table, its unit, which way is better, and the goal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. `is_speed`: it depends on how fast the machine is; `allowed`: by what share it may get worse."""

    key: str
    says: str
    unit: str
    more_is_better: bool = False
    digits: int = 0
    goal: float | None = None
    is_speed: bool = True
    allowed: float = 1 / 3


ROWS = (
    Row("bookings", "bookings, 32 callers", "/s", more_is_better=True, goal=1000),
    Row("bookings.p50", "the same: half of them answered within", "ms", digits=1),
    Row("bookings.p99", "the same: 99 of 100", "ms", digits=1),
    Row("bookings.processor", "the same: processor per booking, without PostgreSQL and Redis", "ms", digits=2),
    Row("alone.p50", "one caller: half of the bookings answered within", "ms", digits=1),
    Row("paced.answer.p50", "50 bookings a second, 255 sockets: half answered within", "ms", digits=1, goal=6),
    Row("paced.answer.p99", "the same: 99 of 100", "ms", digits=1, goal=15),
    Row("paced.event.p50", "the same: half of the messages at the patient within", "ms", digits=1, goal=7),
    Row("paced.event.p99", "the same: 99 of 100", "ms", digits=1, goal=16),
    Row(
        "paced.processor",
        "the same: processor per booking, without PostgreSQL and Redis",
        "ms",
        digits=2,
        goal=4,
    ),
    Row("rush", "200 callers for one time: until all are answered", "ms", goal=220),
    Row("fan_out", "messages to 500 sockets, 99 of 100 within 250 ms", "/s", more_is_better=True, goal=130_000),
    Row("connections.memory", "memory of an idle connection", "KiB", digits=1, goal=22, is_speed=False),
    Row("connections", "sockets connected and subscribed", "/s", more_is_better=True, goal=500),
    Row("refusals", "refusals with alternatives, eight callers, 50 dentists", "/s", more_is_better=True, goal=400),
    Row("refusals.processor", "the same: processor per refusal, likewise", "ms", digits=2),
    Row("beside.p50", "one who books beside eight who are refused: half answered within", "ms", digits=1),
    Row("free_times", "free times of 50 dentists round the clock, 31 days", "ms", goal=300),
    Row(
        "free_times.size",
        "the same: size of the answer",
        "MB",
        digits=1,
        is_speed=False,
    ),
    Row("free_times.page", "the same, the first hundred: whole answer", "ms", digits=1, goal=50),
    Row("rest.processor", "at rest with 50 sockets: processor of all processes", "% of a core", digits=1, goal=1.5),
    Row("rest.memory", "the same: memory of all processes (PSS)", "MiB", goal=380, is_speed=False),
    Row(
        "all_in_one.memory",
        "one web process and one worker for everything: memory (PSS)",
        "MiB",
        goal=280,
        is_speed=False,
    ),
    Row(
        "away",
        "of 100 messages missed while cut off, come later",
        "",
        more_is_better=True,
        goal=100,
        is_speed=False,
        allowed=0,
    ),
    Row("lost", "acknowledged bookings of which nobody heard, after kills", "", goal=0, is_speed=False, allowed=0),
)

# The limits of what both are built on, in the same run.
RAW = (
    Row("raw.commits.1", "inserts into the peer's table by pgbench, one client", "/s", more_is_better=True),
    Row("raw.commits.32", "the same, 32 clients", "/s", more_is_better=True),
    Row("raw.broadcast", "messages to 500 sockets by `ws` alone, as fast as it can", "/s", more_is_better=True),
)
