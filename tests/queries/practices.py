"""Practices of every kind for the tests of what is free: people, treatments, claims and absences, made at random."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.diary.claims import Claim
from dental_sync.diary.free_times import TreatmentOf, free_times
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Dentist, Diary
from dental_sync.diary.shapes import Book
from dental_sync.diary.visits import Treatment
from dental_sync.queries import availability
from dental_sync.queries.availability import Asked, Slot, SlotWire
from tests.decided import copy_of, decide

ANNA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)
CARO, DAN = uuid.UUID(int=3), uuid.UUID(int=4)  # who assist
CHAIRS = [uuid.UUID(int=10), uuid.UUID(int=11)]
TREATMENT, SECOND = uuid.UUID(int=20), uuid.UUID(int=21)
SOMEBODY = uuid.UUID(int=30)
PATIENT = Actor(uuid.UUID(int=40), "patient", "Somebody", "somebody@x.test", patient_id=SOMEBODY)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def a_diary(
    treatment: Treatment, dentists: Mapping[uuid.UUID, Dentist], *, closures: tuple[Interval, ...] = (), **more: Any
) -> Diary:
    """A practice with one treatment and a second, shorter one, two surgeries and one patient."""
    return Diary(
        minimum_notice=more.get("minimum_notice", timedelta(0)),
        furthest_advance=more.get("furthest_advance", timedelta(days=400)),
        cancel_cutoff=timedelta(hours=24),
        patient_booking=timedelta(hours=2),
        slot_step=more.get("slot_step", timedelta(minutes=15)),
        hold_for=timedelta(minutes=5),
        holds_per_patient=3,
        dentists=dentists,
        patients=frozenset({SOMEBODY}),
        treatments={TREATMENT: treatment, SECOND: Treatment(10 * MINUTE, 5, 15, minimum_notice=HOUR)},
        chairs={"surgery": CHAIRS},
        closures=closures,
        appointments={},
    )


def each(treatment: Treatment) -> TreatmentOf:
    """Every dentist does it alike."""
    return lambda _: treatment


def sought(diary: Diary, visit: Sequence[uuid.UUID]) -> TreatmentOf:
    """How each dentist does these treatments in one visit."""
    return lambda dentist_id: availability.as_asked(diary, dentist_id, Asked(None, visit))


def is_accepted(
    diary: Diary, dentist_id: uuid.UUID, starts_at: datetime, *, at: datetime, visit: Sequence[uuid.UUID] = (TREATMENT,)
) -> bool:
    """Whether a patient who has no other appointment may book a time, by the rules that the lane asks."""
    wish = Book(dentistId=dentist_id, startsAt=format_instant(starts_at), treatmentIds=list(visit))
    try:
        decide(copy_of(diary), PATIENT, "book", None, wish, if_match=None, received_at=at)
    except errors.Refusal:
        return False
    return True


def free_slots(diary: Diary, treatment_of: TreatmentOf, within: Interval, *, at: datetime) -> list[Slot]:
    """What can be booked at a moment, as it is listed."""
    return read(availability.listed(free_times(diary, treatment_of, within, at=at).runs))


def read(listed: Iterable[SlotWire]) -> list[Slot]:
    """The times of a list."""
    return [
        Slot(uuid.UUID(slot["dentistId"]), Interval(parse_instant(slot["startsAt"]), parse_instant(slot["endsAt"])))
        for slot in listed
    ]


NOW = datetime(2026, 3, 27, 10, 7, tzinfo=UTC)  # the Friday before Berlin's clocks go forward
minutes = st.integers(0, 4 * 24 * 60).map(lambda n: NOW + n * MINUTE)
ranges = st.builds(lambda start, length: Interval(start, start + length * MINUTE), minutes, st.integers(1, 300))
treatments = st.builds(
    Treatment,
    duration=st.integers(1, 150).map(lambda n: n * MINUTE),
    buffer_before_minutes=st.sampled_from([0, 0, 5, 30, 90]),
    buffer_after_minutes=st.sampled_from([0, 0, 7, 30, 90]),
    chair_kind=st.sampled_from([None, None, "surgery", "none of that kind"]),
    slot_step=st.sampled_from([None, 7 * MINUTE, 20 * MINUTE, 60 * MINUTE]),
    minimum_notice=st.sampled_from([None, 0 * MINUTE, 26 * HOUR]),
    furthest_advance=st.sampled_from([None, 3 * DAY]),
    needs_assistant=st.sampled_from([False, False, True]),
)
visits = st.sampled_from([(TREATMENT,), (TREATMENT,), (TREATMENT, SECOND), (SECOND, TREATMENT, SECOND)])
clocks = st.integers(0, 23 * 60 + 59).map(lambda n: time(n // 60, n % 60))
windows = st.builds(
    lambda weekday, ends, limit: WeeklyWindow(weekday, *ends, valid_to=limit, ends_next_day=ends[0] > ends[1]),
    st.integers(1, 7),
    st.tuples(clocks, clocks | st.just(time(0))).filter(lambda ends: ends[0] != ends[1]),
    st.sampled_from([None, None, date(2026, 3, 28)]),
)
dentists = st.builds(
    Dentist,
    st.sampled_from(["Europe/Berlin", "UTC", "America/New_York"]).map(ZoneInfo),
    st.lists(windows, min_size=4, max_size=12),
    st.lists(ranges, max_size=2),
    st.sampled_from([None, None, {}, {TREATMENT: 40 * MINUTE}, {TREATMENT: None, SECOND: 25 * MINUTE}]),
)
assistants = st.dictionaries(st.sampled_from([CARO, DAN]), dentists)


def put_claims(diary: Diary, claims: list[tuple[int, Interval, int | None]]) -> None:
    """Let dentists, chairs and assistants be taken, by appointments and by holds alive and expired, one at a time."""
    for number, (resource, claimed, expires_in) in enumerate(claims):
        resource_id = [ANNA, BEN, *CHAIRS, CARO, DAN][resource]
        taken = diary.taken.get(resource_id, ())
        if not any(claim.time.overlaps(claimed) for claim in taken):
            expires_at = None if expires_in is None else NOW + expires_in * MINUTE
            diary.claim([resource_id], Claim(claimed, uuid.UUID(int=1000 + number), expires_at))


chairs_away = st.fixed_dictionaries({chair: st.lists(ranges, max_size=2) for chair in CHAIRS})


claims = st.lists(st.tuples(st.integers(0, 5), ranges, st.sampled_from([None, None, 4, -4])), max_size=30)
