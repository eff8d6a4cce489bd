"""What is offered instead of a time that is taken: the nearest that could be booked, by the rules of `booking`.

Looks at the dentist who was asked for and at a bounded number of others, so that it costs the same in a practice of
ten dentists and of five hundred. Reads hours and claims, and of patients only when the one who is to come is elsewhere.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.core.ids import array_of
from dental_sync.diary.free_times import claimed_by, free_times, nearest_first
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary
from dental_sync.diary.rules import is_open
from dental_sync.diary.visits import Treatment
from dental_sync.queries import taken
from dental_sync.queries.availability import Slot
from dental_sync.queries.people import People
from dental_sync.queries.want import Want
from dental_sync.storage import one_call
from dental_sync.storage.one_call import Statement

ALTERNATIVES = 3
# With how many dentists beside the one who was asked for.
OTHER_DENTISTS = 7

# The first of these dentists whom no claim takes then. Arrays are sent as one text: value by value they took longer to
# write than the query.
_UNCLAIMED = Statement("""
    SELECT asked.id FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS asked (id, place)
    WHERE NOT EXISTS (
        SELECT FROM claims WHERE resource_id = asked.id AND during && tstzrange(:starts_at, :ends_at)
            AND (expires_at IS NULL OR expires_at > :at))
    ORDER BY place LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Search:
    """The dentists who are looked at, with what they may need beside them, and how each does what is wanted."""

    diary: Diary
    treatments: Mapping[uuid.UUID, Treatment]


def whom_to_ask(session: Session, settings: Settings, want: Want, found: People, *, at: datetime) -> Search:
    """The wanted dentist and the others who are looked at, chairs and assistants; nobody is away or taken yet.

    The others are first who is open and free at the wanted time, then who works that day; none who does not offer it.
    """
    usual = want.with_offers(None)

    def as_done_by(id_: uuid.UUID) -> Treatment | None:
        offers = found.dentists[id_].offers
        return usual if offers is None else want.with_offers(offers)

    ring: list[tuple[uuid.UUID, Treatment]] = []
    if not want.only_this_dentist:
        every = ((id_, as_done_by(id_)) for id_ in found.around(want.dentist_id))
        ring = [(id_, treatment) for id_, treatment in every if treatment is not None]
        if len(ring) > OTHER_DENTISTS:
            ring = _fitting_first(session, want, found, ring, at)[:OTHER_DENTISTS]
    own = as_done_by(want.dentist_id) if want.dentist_id in found.dentists else None
    treatments = dict(ring if own is None else [(want.dentist_id, own), *ring])
    kind = want.needs.chair_kind
    diary = Diary(
        minimum_notice=want.rules.minimum_notice,
        furthest_advance=want.rules.furthest_advance,
        slot_step=want.rules.slot_step,
        cancel_cutoff=timedelta(hours=settings.cancel_cutoff_hours),
        patient_booking=timedelta(minutes=settings.patient_booking_minutes),
        hold_for=timedelta(seconds=settings.hold_seconds),
        holds_per_patient=settings.holds_per_patient,
        dentists={id_: found.dentists[id_] for id_ in treatments},
        assistants=found.assistants if want.needs.assistant else {},
        patients=frozenset(),
        treatments={},
        chairs={} if kind is None else {kind: found.chairs.get(kind, ())},
        closures=(),
        appointments={},
        notice_binds=want.notice_binds,
    )
    return Search(diary, treatments)


def _fitting_first(
    session: Session, want: Want, found: People, ring: Sequence[tuple[uuid.UUID, Treatment]], at: datetime
) -> list[tuple[uuid.UUID, Treatment]]:
    """The same dentists: first the next few who are open and free at the wanted time, then who works that day."""
    windows = found.open_on(want.starts_at.date())
    # Those who take as long are asked about together.
    by_time: dict[Interval, list[uuid.UUID]] = defaultdict(list)
    for id_, treatment in ring:
        time = Interval(want.starts_at, want.starts_at + treatment.duration)
        if is_open(windows[id_], time):
            by_time[claimed_by(treatment, time)].append(id_)
    free: set[uuid.UUID] = set()
    for time, ids in by_time.items():
        values = {"ids": array_of(ids), "starts_at": time.start, "ends_at": time.end, "at": at, "most": OTHER_DENTISTS}
        free.update(one_call.execute(session, [_UNCLAIMED], values).scalars())
    # In Python's order False comes first, and what is equal keeps its place.
    return sorted(ring, key=lambda one: (one[0] not in free, not windows[one[0]]))


def read(session: Session, search: Search, want: Want, reach: timedelta, *, at: datetime) -> Search:
    """The same with what is closed and taken around the wanted time at that moment."""
    diary = replace(search.diary)
    taken.add(session, diary, _within(search, want, reach, at), at=at, besides=want.besides)
    return replace(search, diary=diary)


def nearest(search: Search, want: Want, reach: timedelta, at: datetime) -> list[Slot]:
    """Up to three times that could be booked at that moment, the nearest first. Pure, and bounded."""
    if want.starts_at + reach < at:
        # A request that was decided long ago: nothing near it lies ahead.
        return []
    found: list[Slot] = []
    free = free_times(search.diary, search.treatments.get, _within(search, want, reach, at), at=at)
    for dentist_id, time in nearest_first(free.runs, want.starts_at, want.dentist_id):
        if abs(time.start - want.starts_at) > reach or len(found) == ALTERNATIVES:
            break
        slot = Slot(dentist_id, time)
        if slot != want.has and not any(time.overlaps(other) for other in want.elsewhere):
            found.append(slot)
    return found


def _within(search: Search, want: Want, reach: timedelta, at: datetime) -> Interval:
    """Wide enough for what begins within reach to end, and for its buffers."""
    margins = (
        one.duration + timedelta(minutes=one.buffer_before_minutes + one.buffer_after_minutes)
        for one in search.treatments.values()
    )
    margin = max(margins, default=timedelta(0))
    return Interval(max(at, want.starts_at - reach) - margin, want.starts_at + reach + margin)
