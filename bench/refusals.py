"""How many refusals a second eight callers on taken times get, and what they cost the bookings beside them.

A practice of 50 dentists, 13 of 16 half hours taken; each refusal is for another time and carries three alternatives.
Real processes, one run. What counts are the ratios: one who books beside eight who are refused, to one who books beside
eight who book as well; and the processor's time of a refusal to that of a booking.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from bench import large_practice
from dental_sync.core.instants import format_instant
from dental_sync.local.embedded.temporary import temporary_servers
from tests.live.conftest import running_system
from tests.live.system import System

CALLERS = 8
APPOINTMENTS = 60_000
PRACTICE = "large_practice"
CHANCE = random.Random(1)  # noqa: S311 - the same order in every run


@dataclass
class Callers:
    """Callers who post one body after the other, and the seconds that each answer took."""

    bodies: Iterator[bytes]
    expected: int
    took: list[float] = field(default_factory=list)
    taking: threading.Lock = field(default_factory=threading.Lock)

    def start(self, system: System, number: int, seconds: float) -> list[threading.Thread]:
        """Let so many call for so long, each on a connection of its own."""
        deadline = time.perf_counter() + seconds
        threads = [threading.Thread(target=self._call, args=(system, n, deadline)) for n in range(number)]
        for thread in threads:
            thread.start()
        return threads

    def _call(self, system: System, number: int, deadline: float) -> None:
        headers = {"Authorization": f"Bearer {system.account('admin').token}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", system.ports[number % len(system.ports)], timeout=60)
        while (started := time.perf_counter()) < deadline:
            with self.taking:
                body = next(self.bodies)
            connection.request("POST", "/api/appointments", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == self.expected, text
            assert answer.status != 409 or len(json.loads(text)["alternatives"]) == 3, text
            self.took.append(time.perf_counter() - started)
        connection.close()

    def told(self, seconds: float) -> str:
        """How many got through, and how fast."""
        if not self.took:
            return "none"
        return (
            f"{len(self.took) / seconds:6.1f} a second, answered within {1000 * statistics.median(self.took):6.1f} ms"
            f" (half of them), {1000 * max(self.took):6.0f} ms (all)"
        )


def main() -> None:
    """Fill a database, start a system, refuse and book, and print what got through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--appointments", type=int, default=APPOINTMENTS)
    arguments = parser.parse_args()
    with temporary_servers() as servers, tempfile.TemporaryDirectory() as logs:
        large_practice.make(servers.postgres, PRACTICE, arguments.appointments)
        servers.postgres.ready_to_be_copied(PRACTICE)
        with running_system(servers, PRACTICE, Path(logs), {"RATE_LIMIT_PER_MINUTE": "1000000"}) as system:
            measure(system, arguments.seconds)


def measure(system: System, seconds: float) -> None:
    """Refuse and book, alone and beside each other."""
    taken, free = taken_times(system), free_times(system)
    waits: dict[tuple[int, int], float] = {}
    costs: dict[tuple[int, int], float] = {}
    warm_up = Callers(taken, 409).start(system, 2, 1.0) + Callers(free, 201).start(system, 2, 1.0)
    for thread in warm_up:
        thread.join()
    # What only books comes last: it leaves less and less to be offered to who is refused.
    for refused, booked in ((1, 0), (CALLERS, 0), (CALLERS, 1), (0, CALLERS), (0, CALLERS + 1)):
        refusals, bookings = Callers(taken, 409), Callers(free, 201)
        before = processor_seconds(system)
        for thread in refusals.start(system, refused, seconds) + bookings.start(system, booked, seconds):
            thread.join()
        used = processor_seconds(system) - before
        costs[refused, booked] = used / (len(refusals.took) + len(bookings.took))
        print(f"{refused} refused, {booked} booked; {1000 * costs[refused, booked]:.1f} ms of processor an answer")
        print(f"    refusals: {refusals.told(seconds)}\n    bookings: {bookings.told(seconds)}")
        if bookings.took:
            waits[refused, booked] = statistics.median(bookings.took)
    beside = waits[CALLERS, 1] / waits[0, CALLERS + 1]
    print(f"who books beside {CALLERS} who are refused waits {beside:.2f} times as long as beside {CALLERS} who book")
    cost = costs[CALLERS, 0] / costs[0, CALLERS]
    print(f"a refusal with alternatives takes {cost:.2f} times as much of the processor as a booking")


def processor_seconds(system: System) -> float:
    """What all processes of the system and both servers have used."""
    used = 0.0
    servers = [server.process.pid for server in (system.redis, system.postgres) if server.process is not None]
    for pid in [*(process.pid for process in system.processes), *servers]:
        root = psutil.Process(pid)
        used += sum(root.cpu_times()[:4])
        used += sum(sum(child.cpu_times()[:2]) for child in root.children(recursive=True))
    return used


def taken_times(system: System) -> Iterator[bytes]:
    """Bodies that are refused: each for a time of the next weeks that a dentist has given away."""
    with system.owner() as cursor:
        cursor.execute(
            "SELECT dentist_id, starts_at FROM appointments"
            " WHERE starts_at BETWEEN now() + interval '2 days' AND now() + interval '40 days' ORDER BY id LIMIT 10000"
        )
        taken = cursor.fetchall()
    CHANCE.shuffle(taken)
    patients, treatment = new_patients(system), check_up(system)
    for dentist, starts_at in itertools.cycle(taken):
        yield body(dentist, next(patients), format_instant(starts_at), treatment)


def free_times(system: System) -> Iterator[bytes]:
    """Bodies that book, each for another free time and patient."""
    patients, treatment = new_patients(system), check_up(system)
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    for start in (first, first + timedelta(days=31)):
        span = f"from={format_instant(start)}&to={format_instant(start + timedelta(days=31))}"
        slots = system.account("admin").get(f"/availability?{span}&treatmentId={treatment}")["slots"]
        # Half hours do not overlap, as the quarters in between would.
        slots = [slot for slot in slots if slot["startsAt"][14:16] in ("00", "30")]
        CHANCE.shuffle(slots)
        for slot in slots:
            yield body(slot["dentistId"], next(patients), slot["startsAt"], treatment)


def new_patients(system: System) -> Iterator[str]:
    """Patients who have no other appointment."""
    while True:
        with system.owner() as cursor:
            cursor.execute("INSERT INTO patients (name) SELECT 'New' FROM generate_series(1, 1000) RETURNING id")
            made = [id_ for (id_,) in cursor.fetchall()]
        yield from made


def check_up(system: System) -> str:
    """The treatment of half an hour."""
    return str(system.ask("SELECT id FROM treatments WHERE name = 'Check-up'"))


def body(dentist: str, patient: str, starts_at: str, treatment: str) -> bytes:
    """What is sent."""
    wish = {"dentistId": str(dentist), "patientId": str(patient), "startsAt": starts_at, "treatmentId": treatment}
    return json.dumps(wish).encode()


if __name__ == "__main__":
    main()
