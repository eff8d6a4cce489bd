"""What a trace of Chromium says of a page: the work of its main thread for each frame, and the frames it dropped."""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What has to be noted for that.
CATEGORIES = ("toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline.frame")

_BEGIN, _TASK, _DROPPED = "BeginMainThreadFrame", "ThreadControllerImpl::RunTask", "DroppedFrame"
_MAIN_THREAD = "CrRendererMain"

Event = Mapping[str, Any]
Thread = tuple[int, int]


@dataclass(frozen=True)
class Frames:
    """The frames of one page, in milliseconds of the main thread: its processor time, and by the clock."""

    work: Sequence[float]
    clock: Sequence[float]
    dropped: int


def read(events: Iterable[Event]) -> Frames:
    """Read a trace; the page is the one with the most frames. Raises ValueError where there is none.

    To a frame belongs every task that ends between its beginning and that of the next one: input, scripts, style,
    layout and paint. By the clock a task is longer where other processes have the processor.
    """
    noted = sorted((each for each in events if "ts" in each), key=lambda each: each["ts"])
    thread = _main_thread(noted)
    begins = [each["ts"] for each in noted if each["name"] == _BEGIN and _thread(each) == thread]
    work, clock = [0.0] * len(begins), [0.0] * len(begins)
    for each in noted:
        if each["name"] != _TASK or _thread(each) != thread or each["ph"] != "X":
            continue
        frame = bisect_right(begins, each["ts"] + each["dur"]) - 1
        if frame >= 0:
            work[frame] += each.get("tdur", each["dur"]) / 1000
            clock[frame] += each["dur"] / 1000
    dropped = sum(1 for each in noted if each["name"] == _DROPPED and each["pid"] == thread[0])
    return Frames(work, clock, dropped)


def said(milliseconds: Sequence[float]) -> str:
    """The median, what 95 of 100 frames stay below, and the worst."""
    p95 = statistics.quantiles(milliseconds, n=20, method="inclusive")[-1]
    return f"{statistics.median(milliseconds):.1f} ms median, {p95:.1f} ms p95, {max(milliseconds):.1f} ms worst"


def _main_thread(events: Sequence[Event]) -> Thread:
    names = {_thread(each): each["args"]["name"] for each in events if each["name"] == "thread_name"}
    begun = Counter(_thread(each) for each in events if each["name"] == _BEGIN)
    pages = [thread for thread, _ in begun.most_common() if names.get(thread) == _MAIN_THREAD]
    if not pages:
        raise ValueError("no page drew a frame")
    return pages[0]


def _thread(event: Event) -> Thread:
    return event["pid"], event["tid"]
