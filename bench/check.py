"""Whether something got slower, larger or less sure than a baseline, by ratios, so that the machine does not matter.

A speed is compared as the ratio of ours to the peer's in the same run, where the peer has it; otherwise with the
baseline's, scaled by how fast the peer books here and booked there. What does not depend on the machine is compared as
it is. The best of our runs counts, so that one disturbed run fails nobody's release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from bench.rows import ROWS, Row

# What the peer's speed on a machine is told by.
YARDSTICK = "bookings"

Figures = Mapping[str, Sequence[float]]


def worse(now: Mapping[str, Figures], baseline: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A sentence for each figure that got worse by more than it may; `now` has all runs, `baseline` medians, by side.

    A figure that is missing on either side is not compared.
    """
    found = []
    for row in ROWS:
        if row.key not in now["ours"] or row.key not in baseline["ours"]:
            continue
        was, is_now = _costs(row, now, baseline)
        if is_now > was * (1 + row.allowed):
            found.append(f"{row.says}: {_said(was, is_now)} ({row.key})")
    return found


def _costs(row: Row, now: Mapping[str, Figures], baseline: Mapping[str, Mapping[str, float]]) -> tuple[float, float]:
    """What it costs in the baseline and now, in one unit: less is better."""
    best = (max if row.more_is_better else min)(now["ours"][row.key])
    was, is_now = _cost(row, baseline["ours"][row.key]), _cost(row, best)
    if not row.is_speed:
        return was, is_now
    peer_was, peer_is_now = baseline["peer"].get(row.key, 0.0), median(now["peer"].get(row.key, [0.0]))
    # At rest the peer may take nothing that can be measured.
    if peer_was and peer_is_now:
        return was / _cost(row, peer_was), is_now / _cost(row, peer_is_now)
    return was, is_now * median(now["peer"][YARDSTICK]) / baseline["peer"][YARDSTICK]


def _cost(row: Row, value: float) -> float:
    if not row.more_is_better:
        return value
    return 1 / value if value else float("inf")


def _said(was: float, is_now: float) -> str:
    return f"costs {is_now / was:.2f} times what it did" if was else f"{is_now:g}, and was none"


def failed(now: Mapping[str, Any], baseline: Mapping[str, Any]) -> str:
    """All sentences as one text; empty where nothing got worse."""
    return "\n".join(f"- {sentence}" for sentence in worse(now["sides"], baseline["sides"]))
