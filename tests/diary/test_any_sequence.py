"""Whatever is decided, in whatever order, nothing ever overlaps."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dental_sync.core import errors
from dental_sync.diary.model import Diary
from dental_sync.diary.transitions import BLOCKING_STATUSES
from tests.diary.diaries import (
    ADMIN,
    ANNA,
    APPROVED,
    BEN,
    BUFFERED,
    CHECK_UP,
    DENTIST_ANNA,
    DENTIST_BEN,
    MIA,
    NOAH,
    PATIENT_MIA,
    PATIENT_NOAH,
    SURGERY,
    TUESDAY_NINE,
    a_diary,
    book,
    cancel,
    change,
    delete,
)

PEOPLE = [PATIENT_MIA, PATIENT_NOAH, DENTIST_ANNA, DENTIST_BEN, ADMIN]
starts = st.integers(0, 16).map(lambda n: TUESDAY_NINE + n * timedelta(minutes=15))
operations = st.one_of(
    st.tuples(
        st.just("book"),
        st.sampled_from(PEOPLE),
        st.fixed_dictionaries(
            {
                "dentist_id": st.sampled_from([ANNA, BEN]),
                "starts_at": starts,
                "treatment_id": st.sampled_from([CHECK_UP, BUFFERED, SURGERY, APPROVED]),
                "patient_id": st.sampled_from([MIA, NOAH]),
            }
        ),
    ),
    st.tuples(
        st.just("change"),
        st.integers(0, 9),
        st.dictionaries(
            st.sampled_from(["starts_at", "dentist_id", "treatment_id"]), st.integers(0, 16), min_size=1
        ).map(
            lambda wish: {
                name: {
                    "starts_at": TUESDAY_NINE + n * timedelta(minutes=15),
                    "dentist_id": [ANNA, BEN][n % 2],
                    "treatment_id": [CHECK_UP, BUFFERED, SURGERY][n % 3],
                }[name]
                for name, n in wish.items()
            }
        ),
    ),
    st.tuples(st.sampled_from(["cancel", "delete"]), st.integers(0, 9), st.none()),
)


@given(st.lists(operations, max_size=30))
@hypothesis_settings(max_examples=200)
def test_no_sequence_of_decisions_ever_overlaps(sequence: list[tuple[str, Any, Any]]) -> None:
    """After each booking, move, cancellation and deletion: no dentist, chair or patient is needed twice at a time."""
    diary = a_diary()
    for verb, who, wish in sequence:
        existing = list(diary.appointments.values())
        try:
            if verb == "book":
                own = {"patient_id": who.patient_id} if who.role == "patient" else {}
                book(diary, who, **{**wish, **own})
            elif existing and verb == "change":
                change(diary, existing[who % len(existing)], ADMIN, **wish)
            elif existing:
                {"cancel": cancel, "delete": delete}[verb](diary, existing[who % len(existing)], ADMIN)
        except errors.Refusal:
            assert list(diary.appointments.values()) == existing
        assert_nothing_overlaps(diary)


def assert_nothing_overlaps(diary: Diary) -> None:
    """Compare every pair, with nothing but the appointments themselves; and what is noted as taken is their sum."""
    blocking = [a for a in diary.appointments.values() if a.status in BLOCKING_STATUSES]
    for one, other in itertools.combinations(blocking, 2):
        shared = {one.dentist_id, one.chair_id} & {other.dentist_id, other.chair_id} - {None}
        if shared:
            assert not overlap(
                (one.time.start, one.buffer_before_minutes, one.time.end, one.buffer_after_minutes),
                (other.time.start, other.buffer_before_minutes, other.time.end, other.buffer_after_minutes),
            )
        if one.patient_id == other.patient_id:
            assert not overlap((one.time.start, 0, one.time.end, 0), (other.time.start, 0, other.time.end, 0))
    noted = {
        (resource, owner) for resource, claims in diary.taken.items() for claim in claims for owner in [claim.owner_id]
    }
    assert noted == {(r, a.id) for a in blocking for r in (a.dentist_id, a.chair_id) if r is not None}


def overlap(one: tuple[datetime, int, datetime, int], other: tuple[datetime, int, datetime, int]) -> bool:
    """Whether two times share a minute, the minutes before and after included."""

    def minutes(start: datetime, before: int, end: datetime, after: int) -> set[int]:
        first = int((start - TUESDAY_NINE).total_seconds() // 60) - before
        return set(range(first, int((end - TUESDAY_NINE).total_seconds() // 60) + after))

    return bool(minutes(*one) & minutes(*other))
