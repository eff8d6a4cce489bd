"""What is done to a service to measure it. Each scene notes the figures of one run; both sides take turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from bench import practice
from bench.fan_out import highest_rate
from bench.programs import Used, memory_mib, resident_kib
from bench.served import Side
from dental_sync.core.instants import format_instant

Note = Callable[[str, float], None]

CALLERS = 32
RUSH = 200
REFUSED = 8
REFUSAL = "409 with alternatives"
PACE = 50
ADMINS_LISTENING = 500
IDLE_SOCKETS = 2000
AT_REST_SOCKETS = 50
# Where nobody has booked, however long the run.
FAR_AHEAD = timedelta(days=365)


def _nothing(_side: Side) -> None:
    pass


@dataclass(frozen=True)
class Scene:
    """`prepare` and `leave` surround all runs of one side.

    `once`: too long, or too certain, to be run again. `restarts`: processes begin and end, so that what they used
    cannot be told from what others did.
    """

    name: str
    run: Callable[[Side, Note], None]
    prepare: Callable[[Side], object] = _nothing
    leave: Callable[[Side], object] = _nothing
    sides: tuple[str, ...] = ("ours", "peer")
    once: bool = False
    restarts: bool = False


def _made(told: dict[str, dict[str, int]]) -> int:
    """How many bookings were answered 201; fails where another answer came."""
    assert set(told["answers"]) == {"201"}, told["answers"]
    return told["answers"]["201"]


def _note_processor(side: Side, used: Used, key: str, count: int, note: Note) -> None:
    note(f"{key}.processor", 1000 * side.own(used) / count)
    for name, seconds in used.by.items():
        note(f"{key}.processor.{name}", 1000 * seconds / count)
        note(f"{key}.share.{name}", 100 * seconds / used.seconds)


def bookings(side: Side, note: Note) -> None:
    """Callers who book one time after the other."""
    with side.measured() as used:
        told = side.ask("book", callers=CALLERS, seconds=side.lasting(6))
    count = _made(told)
    note("bookings", count / told["seconds"])
    note("bookings.p50", told["answered"]["p50"])
    note("bookings.p99", told["answered"]["p99"])
    _note_processor(side, used, "bookings", count, note)


def alone(side: Side, note: Note) -> None:
    """One caller."""
    told = side.ask("book", callers=1, seconds=side.lasting(4))
    _made(told)
    note("alone.p50", told["answered"]["p50"])


def everybody_listens(side: Side) -> None:
    """A socket for each patient and dentist, and five admins."""
    for role, count in (("patient", practice.PATIENTS), ("dentist", practice.DENTISTS), ("admin", practice.ADMINS)):
        side.ask("follow", role=role, count=count)
    side.ask("pace", rate=PACE, seconds=side.lasting(2))


def paced(side: Side, note: Note) -> None:
    """A steady pace, heard by patient, dentist and admins."""
    with side.measured() as used:
        told = side.ask("pace", rate=PACE, seconds=side.lasting(8))
    count = _made(told)
    assert told["leaked"] == 0, "a message came to somebody whom it does not concern"
    assert told["delivered"] == told["expected"], f"{told['delivered']} of {told['expected']} messages came"
    for key, took in (("answer", told["answered"]), ("event", told["heard"]["patient"])):
        note(f"paced.{key}.p50", took["p50"])
        note(f"paced.{key}.p99", took["p99"])
    _note_processor(side, used, "paced", count, note)


def rush(side: Side, note: Note) -> None:
    """Everybody wants one time; one gets it."""
    told = side.ask("rush", callers=RUSH)
    assert told["answers"] == {"201": 1, "409": RUSH - 1}, told["answers"]
    note("rush", told["ms"])


def refusals(side: Side, note: Note) -> None:
    """Eight who ask for taken times, alone, and beside one who books."""
    with side.measured() as used:
        told = side.ask("refuse", callers=REFUSED, seconds=side.lasting(4))
    assert set(told["answers"]) == {REFUSAL}, told["answers"]
    count = told["answers"][REFUSAL]
    note("refusals", count / told["seconds"])
    _note_processor(side, used, "refusals", count, note)
    beside = side.ask("refuse", callers=REFUSED, beside=1, seconds=side.lasting(3))
    note("beside.p50", beside["booked"]["answered"]["p50"])


def free_times(side: Side, note: Note) -> None:
    """A patient asks for everything that is free in a month, and for the first hundred of it."""
    for key, more in (("free_times", {}), ("free_times.page", {"limit": "100"})):
        told = side.ask("read", path=free_times_path(side, **more), headers=["Accept-Encoding: gzip"])
        assert told["status"] == 200, told
        note(key, told["ms"])
        note(f"{key}.size", told["bytes"] / 1e6)


def free_times_path(side: Side, **more: str) -> str:
    """What a patient asks for: a month in which nobody has booked, with all dentists."""
    begin = practice.first_time() + FAR_AHEAD
    month = {"from": format_instant(begin), "to": format_instant(begin + timedelta(days=31))}
    return f"/api/availability?{urlencode({**month, 'treatmentId': side.treatment, **more})}"


def admins_listen(side: Side) -> None:
    """Many sockets that hear everything."""
    side.ask("follow", role="admin", count=ADMINS_LISTENING)
    side.ask("pace", rate=20, seconds=side.lasting(2))


def fan_out(side: Side, note: Note) -> None:
    """The highest rate of bookings of which all hear in time."""

    def all_hear(rate: int) -> bool:
        side.ask("mend")
        told = side.ask("pace", rate=rate, seconds=side.lasting(4))
        in_time = told["heard"]["admin"]["p99"] is not None and told["heard"]["admin"]["p99"] < 250
        return bool(in_time and told["answers"] == {"201": told["sent"]} and told["delivered"] == told["expected"])

    side.fan_out_rate = highest_rate(all_hear, side.fan_out_rate)
    note("fan_out", side.fan_out_rate * ADMINS_LISTENING)


def connections(side: Side, note: Note) -> None:
    """Idle sockets at a web process that was just started and warmed up."""
    side.restart("web")
    side.wait_until_healthy()
    side.ask("book", callers=16, seconds=1)
    side.ask("follow", role="patient", count=20)
    side.ask("leave")
    time.sleep(side.lasting(2))
    before = resident_kib(side.programs["web"].pid)
    told = side.ask("follow", role="patient", count=IDLE_SOCKETS)
    time.sleep(side.lasting(2))
    note("connections.memory", (resident_kib(side.programs["web"].pid) - before) / IDLE_SOCKETS)
    note("connections", IDLE_SOCKETS / told["seconds"])
    side.ask("leave")


def some_listen(side: Side) -> None:
    """A few sockets, and time to come to rest."""
    side.ask("follow", role="patient", count=AT_REST_SOCKETS)
    time.sleep(side.lasting(5))


def rest(side: Side, note: Note) -> None:
    """Nothing to do."""
    with side.measured() as used:
        time.sleep(side.lasting(20))
    note("rest.processor", 100 * side.own(used) / used.seconds)
    for name, seconds in used.by.items():
        note(f"rest.processor.{name}", 100 * seconds / used.seconds)
    note_memory(side, "rest", note)


def note_memory(side: Side, key: str, note: Note) -> None:
    """What its processes occupy, each with its children."""
    by_name = {name: memory_mib(program.pid) for name, program in side.programs.items()}
    note(f"{key}.memory", sum(by_name.values()))
    for name, mib in by_name.items():
        note(f"{key}.memory.{name}", mib)


def away(side: Side, note: Note) -> None:
    """An admin is cut off while a hundred are booked."""
    told = side.ask("away", bookings=100, rate=PACE)
    assert told["missed"] == 100, told
    note("away", told["later"])
    assert side.name == "peer" or told["later"] == 100, told
    side.ask("leave")


def kills(side: Side, note: Note) -> None:
    """Each process and server dies under load, and is started again; who is cut off comes back by itself."""
    lost = 0
    for victim in ("web", "worker", "Redis", "PostgreSQL"):
        if victim in side.programs or victim == "PostgreSQL" or side.name == "ours":
            lost += _lost_at_the_death_of(victim, side, note)
    note("lost", lost)
    assert side.name == "peer" or lost == 0, f"{lost} bookings were not heard of"


def _lost_at_the_death_of(victim: str, side: Side, note: Note) -> int:
    side.wait_until_healthy()
    side.ask("follow", role="admin", count=2, returning=True)
    side.generator.begin("pace", rate=PACE, seconds=8, patience=30_000)
    time.sleep(2)
    if victim in side.programs:
        side.restart(victim)
    else:
        server = side.servers.redis if victim == "Redis" else side.servers.postgres
        server.kill()
        time.sleep(1)
        server.start()
    told = side.generator.answer()
    side.ask("leave")
    note(f"lost.{victim}", told["unheard"])
    return int(told["unheard"])


SCENES = (
    Scene("bookings", bookings, prepare=lambda side: side.ask("book", callers=CALLERS, seconds=side.lasting(4))),
    Scene("alone", alone),
    Scene("paced", paced, everybody_listens, lambda side: side.ask("leave")),
    Scene("rush", rush, prepare=lambda side: side.ask("rush", callers=RUSH)),
    Scene("refusals", refusals, sides=("ours",)),
    Scene("rest", rest, some_listen, lambda side: side.ask("leave"), once=True),
    Scene("free_times", free_times, sides=("ours",)),
    Scene("fan_out", fan_out, admins_listen, lambda side: side.ask("leave")),
    Scene("connections", connections, restarts=True),
    Scene("away", away, once=True),
    Scene("kills", kills, once=True, restarts=True),
)
