"""How figures grow with web processes, sockets, appointments, and rows of the log. It takes hours, and can be ended.

Each point has servers of its own. What is measured is kept in var/bench/growth.json after each point, and a point that
is there is not measured again: remove the file to begin anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bench import filling, practice, report, served
from bench.curve import svg
from bench.places import KEPT, PAGE, PICTURES, durable_servers
from bench.programs import resident_kib
from bench.results import said_of_the_machine
from bench.scenes import REFUSAL, free_times_path
from dental_sync.local.embedded.temporary import TemporaryServers

BEGIN, END = "<!-- written by make bench-growth -->", "<!-- until here, by make bench-growth -->"

# By what is said above a panel.
Figures = dict[str, float]


@dataclass(frozen=True)
class Standing:
    """Servers with the practice, before anything runs on them."""

    servers: TemporaryServers
    signed: practice.Signed
    logs: Path

    def ours(self, web: int = 1) -> AbstractContextManager[served.Side]:
        """Dental Sync with so many web processes."""
        return served.ours(self.servers, self.signed, self.logs, web=web)

    @property
    def database(self) -> str:
        """With the superuser's rights, which may fill in what only the app's functions do otherwise."""
        return self.servers.postgres.superuser_url(practice.DATABASE)


@contextmanager
def standing() -> Iterator[Standing]:
    """New servers with the practice."""
    logs = KEPT / "growth-logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    with durable_servers() as running:
        yield Standing(running, practice.make(running), logs)


def web_processes(at: Standing, count: int) -> Figures:
    """Bookings of 32 callers, and messages to 500 sockets, at so many web processes on one port."""
    with at.ours(web=count) as side:
        side.ask("book", callers=32, seconds=4)
        with side.measured() as used:
            told = side.ask("book", callers=32, seconds=8)
        side.ask("follow", role="admin", count=500)
        side.ask("pace", rate=10, seconds=2)
        heard = side.ask("pace", rate=40, seconds=6)["heard"]["admin"]
    return {
        "bookings a second, 32 callers": told["answers"]["201"] / told["seconds"],
        "the web processes' processor, ms a booking": 1000 * used.of("web") / told["answers"]["201"],
        "ms until 99 of 100 messages are at 500 sockets, 40 bookings a second": heard["p99"],
    }


def sockets(at: Standing, count: int) -> Figures:
    """Patients' sockets, and 20 bookings a second beside them."""
    with at.ours() as side:
        side.ask("book", callers=16, seconds=2)
        before = resident_kib(side.programs["web"].pid)
        took = side.ask("follow", role="patient", count=count)["seconds"]
        time.sleep(2)
        kib = (resident_kib(side.programs["web"].pid) - before) / count
        told = side.ask("pace", rate=20, seconds=8)
    return {
        "sockets connected and subscribed a second": count / took,
        "KiB a socket": kib,
        "ms until 99 of 100 bookings are answered, 20 a second": told["answered"]["p99"],
        "ms until 99 of 100 messages are at the patient": told["heard"]["patient"]["p99"],
    }


def appointments(at: Standing, count: int) -> Figures:
    """A past of so many appointments."""
    filling.appointments(at.database, count)
    with at.ours() as side:
        side.ask("book", callers=8, seconds=2)
        booked = side.ask("book", callers=1, seconds=6)
        refused = side.ask("refuse", callers=8, seconds=5)
        assert set(refused["answers"]) == {REFUSAL}, refused["answers"]
        month = min(side.ask("read", path=free_times_path(side))["ms"] for _ in range(3))
    return {
        "ms until half of one caller's bookings are answered": booked["answered"]["p50"],
        "refusals with alternatives a second": refused["answers"][REFUSAL] / refused["seconds"],
        "ms for the free times of 50 dentists and 31 days": month,
    }


def log_rows(at: Standing, count: int) -> Figures:
    """A log of so many rows."""
    with at.ours() as side:
        side.ask("book", callers=1, seconds=1)
    filling.messages(at.database, count)
    with at.ours() as side:
        side.ask("book", callers=8, seconds=2)
        booked = side.ask("book", callers=1, seconds=6)
        away = side.ask("away", bookings=100, rate=50)
        assert away["later"] == 100, away
    return {
        "ms until half of one caller's bookings are answered": booked["answered"]["p50"],
        "ms until who was cut off has the hundred messages missed": away["backMs"],
    }


@dataclass(frozen=True)
class Curve:
    """One picture: what grows, through which points; `small` ones show in minutes that it works."""

    along: str
    measure: Callable[[Standing, int], Figures]
    points: tuple[int, ...]
    small: tuple[int, ...]


CURVES = {
    "web": Curve("web processes", web_processes, (1, 2, 4), (1, 2)),
    "sockets": Curve("sockets", sockets, (100, 500, 1_000, 2_000, 5_000), (20, 100)),
    "appointments": Curve("appointments", appointments, (10_000, 100_000, 1_000_000, 10_000_000), (1_000, 5_000)),
    "log": Curve("rows of the log", log_rows, (0, 50_000, 500_000, 5_000_000), (0, 2_000)),
}


def main() -> None:
    """Measure what is missing, and draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--only", default=",".join(CURVES), help="names of curves, separated by commas")
    parser.add_argument("--small", action="store_true", help="small sizes, kept apart: to see that it works")
    parser.add_argument("--keep", action="store_true", help="draw into docs/, and not into var/bench")
    options = parser.parse_args()
    if options.keep and options.small:
        parser.error("small sizes are not kept")
    kept = KEPT / ("growth-small.json" if options.small else "growth.json")
    names = options.only.split(",")
    for name in names:
        curve = CURVES[name]
        for point in curve.small if options.small else curve.points:
            # In a process of its own: an app that was made for other servers stays in the libraries' globals.
            process = get_context("spawn").Process(target=measure_once, args=(kept, name, point))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(f"{name} was not measured at {point:,}")
    drawn = draw(load(kept), PICTURES if options.keep else KEPT)
    if options.keep:
        said = f"{time.strftime('%Y-%m-%d')}, {said_of_the_machine()}, `make bench-growth`."
        pictures = "\n\n".join(f"![{title}](pictures/{file})" for title, file in drawn)
        report.replace(PAGE, BEGIN, END, f"{said}\n\n{pictures}\n")


def measure_once(kept: Path, name: str, point: int) -> None:
    """Measure a point, and keep it; one that is kept already is not measured again."""
    found = load(kept)
    if str(point) in found.get(name, {}):
        return
    print(f"{name}: {point:,}", flush=True)
    with standing() as at:
        figures = CURVES[name].measure(at, point)
    for what, value in figures.items():
        print(f"  {what}: {value:.4g}", flush=True)
    found.setdefault(name, {})[str(point)] = figures
    beside = kept.with_suffix(".new")
    beside.write_text(json.dumps(found, indent=1) + "\n")
    beside.replace(kept)


def load(kept: Path) -> dict[str, dict[str, Figures]]:
    """What was measured, by curve and point; empty before the first."""
    found: dict[str, dict[str, Figures]] = json.loads(kept.read_text()) if kept.exists() else {}
    return found


def draw(found: dict[str, dict[str, Figures]], folder: Path) -> list[tuple[str, str]]:
    """Draw every curve that has points; gives the title and the file of each picture."""
    drawn = []
    for name, curve in CURVES.items():
        points = sorted((int(point), figures) for point, figures in found.get(name, {}).items())
        # A release may measure more than the one before, whose points are kept.
        names = dict.fromkeys(what for _, figures in points for what in figures)
        panels = [(what, [(at, figures[what]) for at, figures in points if what in figures]) for what in names]
        if panels:
            title, file = f"How figures grow with {curve.along}", f"growth-{name}.svg"
            (folder / file).write_text(svg(title, curve.along, panels))
            drawn.append((title, file))
    return drawn


if __name__ == "__main__":
    main()
