"""What the load generator of `make bench` says has happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from bench.generator import Generator

from .system import System

NUMBERS = (1, 2, 3)


@contextmanager
def generator(system: System) -> Iterator[tuple[Generator, str]]:
    """A generator that books from a time on at which everybody is free for an hour, and that time."""
    openings = (system.opening() for _ in range(16))
    first = next(before.starts_at for before, after in pairwise(openings) if before.ends_at == after.starts_at)
    patients, dentists = ([system.account(f"{role}{number}") for number in NUMBERS] for role in ("patient", "dentist"))
    running = Generator(
        {
            "target": "ours",
            "ports": system.ports,
            "first": first,
            "patients": [{"id": patient.patient_id, "token": patient.token} for patient in patients],
            "dentists": [{"id": dentist.dentist_id, "token": dentist.token} for dentist in dentists],
            "admins": [{"id": None, "token": system.account("admin").token}],
        }
    )
    try:
        yield running, first
    finally:
        running.stop()


def test_what_the_generator_counts_is_in_the_diary_and_was_heard(system: System) -> None:
    """Bookings by their answers, messages by who should hear of them, and the one of many who gets a time."""
    with generator(system) as (load, first):
        for role, count in (("patient", 3), ("dentist", 3), ("admin", 2)):
            load.ask("follow", role=role, count=count)
        told = load.ask("pace", rate=30, seconds=0.1)
        assert told["answers"] == {"201": 3}
        assert told["expected"] == told["delivered"] == 3 * (1 + 1 + 2)
        assert (told["leaked"], told["unheard"], told["heard"]["admin"]["count"]) == (0, 0, 6)
        assert 0 < told["answered"]["p50"] <= told["answered"]["p99"] <= told["answered"]["most"]
        assert system.ask("SELECT count(*) FROM appointments WHERE starts_at = %s", first) == 3
        rush = load.ask("rush", callers=3)
        assert rush["answers"] == {"201": 1, "409": 2}
        assert load.ask("read", path="/api/availability?from=x")["status"] == 422


def test_what_was_missed_is_counted_when_it_comes_later(system: System) -> None:
    """An admin is cut off while three are booked, and goes on from where it was."""
    with generator(system) as (load, _):
        told = load.ask("away", bookings=3, rate=3)
        assert (told["missed"], told["later"]) == (3, 3)
