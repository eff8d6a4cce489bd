"""What a benchmark reads is what was there."""

from __future__ import annotations

import pytest

from bench import frames


def _named(tid: int, name: str) -> frames.Event:
    return {"name": "thread_name", "ph": "M", "pid": 1, "tid": tid, "ts": 0, "args": {"name": name}}


def _begin(at_ms: float, tid: int = 1) -> frames.Event:
    return {"name": "BeginMainThreadFrame", "ph": "I", "pid": 1, "tid": tid, "ts": 1000 * at_ms}


def _task(at_ms: float, took_ms: float, worked_ms: float, tid: int = 1) -> frames.Event:
    took = {"ts": 1000 * at_ms, "dur": 1000 * took_ms, "tdur": 1000 * worked_ms}
    return {"name": "ThreadControllerImpl::RunTask", "ph": "X", "pid": 1, "tid": tid, **took}


def test_the_work_of_a_frame_is_that_of_every_task_up_to_the_next_one() -> None:
    """The task in which a frame begins is the frame's; other threads, and what was before the first frame, are not."""
    events = [
        _named(1, "CrRendererMain"),
        _named(2, "Compositor"),
        *(_begin(ms, tid=2) for ms in range(5)),
        _task(1, 3, 3),
        _task(9, 4, 2),
        _begin(10),
        _task(15, 2, 1),
        _task(15, 2, 1, tid=2),
        {"name": "DroppedFrame", "ph": "I", "pid": 1, "tid": 2, "ts": 18_000},
        {"name": "DroppedFrame", "ph": "I", "pid": 2, "tid": 2, "ts": 18_000},
        _begin(26),
        _task(25, 8, 8),
    ]
    read = frames.read(events)
    assert (read.work, read.clock, read.dropped) == ([3, 8], [6, 8], 1)


def test_a_trace_without_a_page_is_refused() -> None:
    """Rather than called fast."""
    with pytest.raises(ValueError, match="no page"):
        frames.read([_named(1, "CrRendererMain"), _begin(1, tid=2)])
