"""What was measured: every run of every figure, by side, and under which conditions."""

from __future__ import annotations

import json
import platform
import statistics
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bench.rows import ROWS

Figures = dict[str, list[float]]

SIDES = ("ours", "peer", "raw")


def said_of_the_machine() -> str:
    """What is measured on, in a few words."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2] for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].strip() if names else model
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{psutil.cpu_count()} cores ({model}), {memory:.0f} GiB, {system}"


@dataclass
class Results:
    """`sides` has the values of all runs by side and key; `parts` what was measured of single parts, and its value.

    `elsewhere` is what share of a core other programs took at most, by scene; `remarks` say what else makes any of it
    doubtful, `failures` what was not as it must be.
    """

    command: str
    at: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%d}")
    machine: str = field(default_factory=said_of_the_machine)
    sides: dict[str, Figures] = field(default_factory=lambda: {side: {} for side in SIDES})
    parts: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: dict[str, float] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def note(self, side: str, key: str, value: float) -> None:
        """One run's value."""
        self.sides[side].setdefault(key, []).append(round(value, 4))

    def note_elsewhere(self, scene: str, share: float) -> None:
        """What share of a core other programs took during one run."""
        self.elsewhere[scene] = max(self.elsewhere.get(scene, 0.0), round(share, 2))

    def median(self, side: str, key: str) -> float | None:
        """The value of the middle run; None where it was not measured."""
        values = self.sides[side].get(key)
        return statistics.median(values) if values else None

    def spread(self, side: str, key: str) -> float:
        """How far apart the runs are, of their median."""
        values = self.sides[side].get(key, [0.0])
        middle = statistics.median(values)
        return (max(values) - min(values)) / middle if middle else 0.0

    def medians(self) -> dict[str, Any]:
        """What is kept of it to be compared with: the rows of the table, without single runs."""
        sides = {
            side: {row.key: self.median(side, row.key) for row in ROWS if row.key in self.sides[side]}
            for side in ("ours", "peer")
        }
        return {"command": self.command, "at": self.at, "machine": self.machine, "sides": sides}

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")
