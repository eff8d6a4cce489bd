"""Two thousand bookings by many callers while a dashboard is cut off fifty times, and what it was told of them."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dental_sync.core.instants import format_instant, parse_instant

from ..load import DENTISTS, PATIENTS
from ..openings import Opening
from ..system import System
from .front_end import CONNECTED, FrontEnd, Open

BOOKINGS = 2_000
CUTS = 50
CALLERS = 32
# How far the callers may run ahead of a cut that is due: enough that they never stop, too little to be done without it.
AHEAD = 200
SEED = 1
# Who has the last booking too.
FOLLOWED = f"dentist{(BOOKINGS - 1) % DENTISTS + 1}"

Row = dict[str, Any]
# What was told of which appointment, and of which version of it.
Told = tuple[str, str, int]


@dataclass(frozen=True)
class Storm:
    """What one dashboard was told, by the name of its subscription; and what it should have been told."""

    # The states in which it lost its connection while bookings were made.
    losses: list[str]
    told: dict[str, list[tuple[str, Row]]]
    log: dict[str, list[Told]]
    snapshot: dict[str, Row]
    # Whose channel "one" is.
    dentist_id: str
    errors: list[Row]

    def copy(self, name: str) -> dict[str, Row]:
        """The diary as an application has it that keeps what its callbacks are given."""
        return {row["id"]: row for _what, row in self.told[name]}

    def heard(self, name: str) -> list[Told]:
        """What was told, in order."""
        return [(what, row["id"], row["version"]) for what, row in self.told[name]]


class Callers:
    """They book, reschedule, say why and cancel, over both web processes, as far as they are let."""

    def __init__(self, system: System) -> None:
        self.made = 0
        self._limit = 0
        self._dentists = [system.account(f"dentist{number + 1}").dentist_id for number in range(DENTISTS)]
        self._patients = [system.account(f"patient{number + 1}") for number in range(PATIENTS)]
        # One time is good for every dentist, with another patient each.
        self._openings: list[Opening] = [system.opening() for _ in range(0, BOOKINGS, DENTISTS)]
        # The last booking is nobody's: `finish` makes it.
        self._numbers = iter(range(BOOKINGS - 1))
        self._changed = threading.Condition()
        self._failures: list[Exception] = []
        self._threads = [threading.Thread(target=self._run) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def first_start(self) -> str:
        """When the first of their appointments begins."""
        return self._openings[0].starts_at

    def go_on_until(self, made: int, *, at_most: int) -> None:
        """Wait until so many bookings were made; no more than `at_most` will be until the next call."""
        with self._changed:
            self._limit = at_most
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self.made >= made or bool(self._failures), 30)
        assert self._failures == []

    def finish(self) -> Row:
        """Let all be made; returns the last booking, which nothing comes after."""
        with self._changed:
            self._limit = BOOKINGS
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        assert self._failures == []
        return self._book(BOOKINGS - 1)

    def give_up(self) -> None:
        """Let everybody go home."""
        self._numbers = iter(())
        with self._changed:
            self._limit = BOOKINGS
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            while (number := self._next()) is not None:
                row = self._book(number)
                with self._changed:
                    self.made += 1
                    self._changed.notify_all()
                self._change(number, row)
        except Exception as failure:
            with self._changed:
                self._failures.append(failure)
                self._changed.notify_all()

    def _next(self) -> int | None:
        with self._changed:
            number = next(self._numbers, None)
            self._changed.wait_for(lambda: number is None or number < self._limit or bool(self._failures))
            return None if self._failures else number

    def _book(self, number: int) -> Row:
        opening = self._openings[number // DENTISTS]
        ends_at = format_instant(parse_instant(opening.starts_at) + timedelta(minutes=20))
        body = {"dentistId": self._dentists[number % DENTISTS], "startsAt": opening.starts_at, "endsAt": ends_at}
        row: Row = self._patients[number % PATIENTS].done("POST", "/appointments", body, web=number % 2)
        return row

    def _change(self, number: int, row: Row) -> None:
        patient, path, web = self._patients[number % PATIENTS], f"/appointments/{row['id']}", number // 2 % 2
        if number % 20 in (0, 2):
            patient.done("PATCH", path, {"reason": f"Reason {number}"}, web=web)
        if number % 20 in (2, 4):
            later = format_instant(parse_instant(row["startsAt"]) + timedelta(minutes=10))
            patient.done("PATCH", path, {"startsAt": later}, web=web)
        if number % 20 in (2, 6):
            patient.done("POST", f"{path}/cancel", {}, web=web)


def storm(system: System, open_front_end: Open) -> Storm:
    """Let it pass; returns what was told."""
    dashboard = open_front_end(system)
    dentist_id = system.account(FOLLOWED).dentist_id
    # First, so that after each loss its replay comes first: it shows later messages of "all" before the earlier ones.
    dashboard.subscribe("one", "subscribeToAppointments", dentist_id, "dentist")
    dashboard.wait_live()
    dashboard.subscribe("all", "subscribeToAllAppointments")
    dashboard.wait_live()
    since = system.settled_head()
    callers = Callers(system)
    try:
        _cut_again_and_again(dashboard, callers)
        losses = dashboard.losses()
        last = callers.finish()
    finally:
        callers.give_up()
    channels = {"all": "appointments:all", "one": f"appointments:dentist:{dentist_id}"}
    for name in channels:
        dashboard.wait_created(name, last)
    return Storm(
        losses=losses,
        told={name: dashboard.all_told(name) for name in channels},
        log={name: _log(system, channel, since) for name, channel in channels.items()},
        snapshot=_snapshot(system, callers.first_start()),
        dentist_id=dentist_id,
        errors=[record for record in dashboard.client.records if record["kind"] == "error"],
    )


def _cut_again_and_again(dashboard: FrontEnd, callers: Callers) -> None:
    """Cut it off when so many bookings are made, at random."""
    for moment in sorted(random.Random(SEED).choices(range(BOOKINGS - AHEAD), k=CUTS)):
        callers.go_on_until(moment, at_most=moment + AHEAD)
        dashboard.client.wait_for(lambda: dashboard.state() in CONNECTED, "the connection")
        cuts = len(dashboard.losses())
        dashboard.do("cut")
        dashboard.client.wait_for(lambda cuts=cuts: len(dashboard.losses()) > cuts, "the loss")


def _log(system: System, channel: str, since: int) -> list[Told]:
    query = """
        SELECT type, payload->'appointment'->>'id', (payload->'appointment'->>'version')::int
        FROM sync_events WHERE channels @> ARRAY[%s] AND position > %s ORDER BY position
    """
    with system.owner() as cursor:
        cursor.execute(query, [channel, since])
        return [(kind.removeprefix("appointment:"), *rest) for kind, *rest in cursor]


def _snapshot(system: System, since: str) -> dict[str, Row]:
    admin = system.account("admin")
    page = admin.get(f"/appointments?limit=200&from={since}")
    rows = list(page["items"])
    while page["next"]:
        page = admin.get(f"/appointments?limit=200&from={since}&after={page['next']}")
        rows += page["items"]
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}
