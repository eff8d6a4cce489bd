"""Everything that is measured of the services: Dental Sync as deployed, the peer beside it, and the limits of both."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

from bench import (
    availability,
    check,
    click_to_screen,
    day_sheet,
    lane,
    practice,
    raw,
    report,
    served,
    sign_ins,
    sockets,
)
from bench.places import BASELINE, KEPT, PAGE, durable_servers
from bench.results import Results
from bench.scenes import SCENES, Scene, note_memory
from bench.served import Side
from dental_sync.local.embedded.temporary import TemporaryServers

RUNS = 3
# What is measured beside the scenes.
LIMITS, ALL_IN_ONE = "limits", "all_in_one"
PARTS = {
    module.__name__.removeprefix("bench."): module
    for module in (availability, lane, sign_ins, sockets, click_to_screen, day_sheet)
}
# A look is short, and says nothing that may be kept.
LOOK = 0.2


def main() -> None:
    """Measure, print the tables, and keep or compare what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default="", help="names of scenes, separated by commas")
    parser.add_argument("--look", action="store_true", help="one short run of each, to see that it works")
    parser.add_argument("--keep", action="store_true", help="write docs/performance.md and bench/baseline.json")
    parser.add_argument("--check", action="store_true", help="fail where something is worse than bench/baseline.json")
    options = parser.parse_args()
    if options.keep and (options.only or options.look):
        parser.error("only a whole run is kept")
    names = options.only.split(",") if options.only else [*(scene.name for scene in SCENES), ALL_IN_ONE]
    if not (options.only or options.check):
        names += [LIMITS, *PARTS]
    results = Results("make bench")
    began = time.monotonic()
    with durable_servers() as running:
        measure(running, results, names, look=options.look)
    results.save(KEPT / "results.json")
    for name in [name for name in PARTS if name in names]:
        print(name, flush=True)
        with noting_failures(results, name):
            results.parts += PARTS[name].figures()
    results.save(KEPT / "results.json")
    print(f"\n{report.tables(results)}\nin {(time.monotonic() - began) / 60:.1f} minutes")
    if results.failures:
        sys.exit("\n".join(["What should always be so was not:", *results.failures]))
    if options.keep:
        report.write(results, PAGE)
        BASELINE.write_text(json.dumps(results.medians(), indent=1) + "\n")
    if options.check:
        worse = check.failed(asdict(results), json.loads(BASELINE.read_text()))
        sys.exit(f"Worse than bench/baseline.json:\n{worse}" if worse else None)


def measure(running: TemporaryServers, results: Results, names: list[str], *, look: bool = False) -> None:
    """Run the scenes of these names at both services in turns, and what needs the servers for itself."""
    logs = KEPT / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    scale, runs = (LOOK, 1) if look else (1.0, RUNS)
    for _ in range(runs if LIMITS in names else 0):
        raw.commits(running, results, logs, 3 * scale)
        raw.broadcast(results, logs, 3 * scale)
    signed = practice.make(running)
    with served.ours(running, signed, logs) as ours, served.peer(running, logs) as peer:
        ours.scale = peer.scale = scale
        for scene in SCENES:
            if scene.name in names:
                sides = [side for side in (ours, peer) if side.name in scene.sides]
                _run(scene, sides, results, 1 if scene.once else runs)
        saturated = [*ours.generator.saturated, *peer.generator.saturated]
        results.remarks += [f"the generator was the limit: {what}" for what in saturated]
    if ALL_IN_ONE in names:
        with served.ours(running, signed, logs, all_in_one=True) as one:
            one.ask("book", callers=8, seconds=4 * scale)
            time.sleep(5 * scale)
            note_memory(one, ALL_IN_ONE, partial(results.note, one.name))


@contextmanager
def noting_failures(results: Results, what: str) -> Iterator[None]:
    """What is not as it must be fails the run at its end: all else that is measured is worth its minutes."""
    try:
        yield
    except AssertionError as broken:
        results.failures.append(f"{what}: {broken}")


def _run(scene: Scene, sides: list[Side], results: Results, runs: int) -> None:
    for side in sides:
        with noting_failures(results, f"before {scene.name}, {side.name}"):
            scene.prepare(side)
    for number in range(runs):
        for side in sides:
            print(f"{scene.name}, {side.name}, run {number + 1}", flush=True)
            with side.measured() as used, noting_failures(results, f"{scene.name}, {side.name}"):
                scene.run(side, partial(results.note, side.name))
            if not scene.restarts:
                results.note_elsewhere(scene.name, used.elsewhere / used.seconds)
    for side in sides:
        scene.leave(side)
        # What is killed may say so.
        if not scene.restarts:
            results.remarks += side.complaints()


if __name__ == "__main__":
    main()
