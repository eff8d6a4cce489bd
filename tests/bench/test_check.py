"""The performance gate: a ratio that got worse by a third is found, and nothing else."""

from __future__ import annotations

import pytest

from bench.check import worse

BASELINE = {
    "ours": {"bookings": 1000.0, "paced.answer.p50": 6.0, "refusals": 400.0, "rest.memory": 380.0, "lost": 0.0},
    "peer": {"bookings": 6000.0, "paced.answer.p50": 2.0, "rest.memory": 80.0},
}


def _now(ours: dict[str, list[float]], **peer: list[float]) -> dict[str, dict[str, list[float]]]:
    return {"ours": ours, "peer": {"bookings": [6000.0], "paced.answer.p50": [2.0], **peer}}


def test_what_is_as_before_is_not_worse() -> None:
    """A third is allowed, for runs differ."""
    as_before = {key: [value] for key, value in BASELINE["ours"].items()}
    assert worse(_now(as_before), BASELINE) == []
    assert worse(_now({"bookings": [751.0], "paced.answer.p50": [7.9]}), BASELINE) == []


def test_more_than_a_third_more_for_each_booking_is_worse() -> None:
    """Whether it is said as a rate or as a time."""
    found = worse(_now({"bookings": [740.0], "paced.answer.p50": [8.1]}), BASELINE)
    assert [sentence.rpartition(" ")[2] for sentence in found] == ["(bookings)", "(paced.answer.p50)"]


def test_a_slower_machine_is_not_worse() -> None:
    """There the peer is slower too; and what the peer does not have is scaled by it."""
    slower = {"bookings": [500.0], "paced.answer.p50": [12.0], "refusals": [200.0]}
    assert worse({"ours": slower, "peer": {"bookings": [3000.0], "paced.answer.p50": [4.0]}}, BASELINE) == []
    found = worse({"ours": {"refusals": [200.0]}, "peer": {"bookings": [6000.0]}}, BASELINE)
    assert found == ["refusals with alternatives, eight callers, 50 dentists: costs 2.00 times what it did (refusals)"]


def test_where_the_peer_takes_nothing_ours_is_compared_with_what_it_was() -> None:
    """A ratio to nothing says nothing: at rest the peer does not run."""
    baseline = {"ours": {"rest.processor": 2.0}, "peer": {"bookings": 6000.0, "rest.processor": 0.0}}
    for took, found in ((2.5, 0), (2.8, 1)):
        now = {"ours": {"rest.processor": [took]}, "peer": {"bookings": [6000.0], "rest.processor": [0.0]}}
        assert len(worse(now, baseline)) == found


def test_memory_does_not_depend_on_the_machine() -> None:
    """It is compared as it is, whatever the peer occupies."""
    found = worse(_now({"rest.memory": [520.0]}, **{"rest.memory": [200.0]}), BASELINE)
    assert len(found) == 1
    assert worse(_now({"rest.memory": [500.0]}, **{"rest.memory": [10.0]}), BASELINE) == []


def test_one_booking_that_nobody_heard_of_is_worse_than_none() -> None:
    """Of what must never happen nothing is allowed."""
    [sentence] = worse(_now({"lost": [1.0]}), BASELINE)
    assert sentence.endswith("1, and was none (lost)")


@pytest.mark.parametrize("runs", [[1000.0, 700.0, 690.0], [690.0, 1000.0, 700.0]])
def test_the_best_run_counts(runs: list[float]) -> None:
    """Other programs make a run slower, and never faster."""
    assert worse(_now({"bookings": runs}), BASELINE) == []


def test_what_was_not_measured_is_not_compared() -> None:
    """A release may add a row, and a run may leave one out."""
    assert worse(_now({"fan_out": [1.0]}), BASELINE) == []
    assert worse(_now({}), BASELINE) == []
