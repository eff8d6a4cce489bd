"""What is told of an older row, of a visit, and of time that several share."""

from __future__ import annotations

from dental_sync.sync import events
from dental_sync.sync.events import ChangedRow, expand
from tests.sync.rows import ADDED, BEN, NOW, OLDER_ROW, ROW, TREATMENT, ZONES, row


def test_a_row_that_was_noted_by_an_older_trigger_is_told_in_full() -> None:
    """A migration adds columns while changes wait to be told; what they lack has its beginning."""
    assert set(ROW) == set(OLDER_ROW) | set(ADDED)
    assert events.appointment(OLDER_ROW) == events.appointment(ROW)
    assert events.appointment({**OLDER_ROW, "treatment_id": None})["treatmentIds"] == []


def test_the_treatments_of_a_visit_are_told_in_their_order() -> None:
    """The first is treatmentId."""
    assert events.appointment(row(treatment_ids=[TREATMENT, BEN]))["treatmentIds"] == [TREATMENT, BEN]


def test_only_time_that_nobody_else_claims_is_told_as_free() -> None:
    """The trigger has noted which; one message for each range, and none where all of it is somebody else's."""
    ranges = [
        ("2025-11-11T08:55:00+00:00", "2025-11-11T09:00:00+00:00"),
        ("2025-11-11T09:30:00+00:00", ROW["claimed_to"]),
    ]
    for freed, told in ((ranges, 2), ([], 0), (None, 1)):
        change = ChangedRow("appointments", ROW, row(status="cancelled"), NOW, freed)
        free = [draft.payload["availability"] for draft in expand(change, ZONES) if "availability" in draft.payload]
        assert len(free) == told
        assert {entry["change"] for entry in free} <= {"free"}
