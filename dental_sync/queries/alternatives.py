"""What is offered instead of a time that is taken: the nearest that could be booked, by the rules of `booking`.

Looks at the dentist who was asked for and at a bounded number of others, so that it costs the same in a practice of
ten dentists and of five hundred. Reads hours and claims, and of patients only when the one who is to come is elsewhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.diary.free_times import Runs, claimed_by, free_times, nearest_first
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary
from dental_sync.diary.rules import is_open
from dental_sync.diary.visits import Treatment
from dental_sync.queries import taken
from dental_sync.queries.availability import Slot
from dental_sync.queries.people import People
from dental_sync.queries.taken import NOBODY_ELSE, Others
from dental_sync.queries.want import Own, Want

ALTERNATIVES = 3
# With how many dentists beside the one who was asked for.
OTHER_DENTISTS = 7


@dataclass(frozen=True, slots=True)
class Search:
    """The dentists who are looked at, with what they may need beside them, and how each does what is wanted."""

    diary: Diary
    treatments: Mapping[uuid.UUID, Treatment]
    # How long any of them takes, with its buffers.
    longest: timedelta


def whom_to_ask(settings: Settings, want: Want, found: People) -> tuple[Search, Others]:
    """The wanted dentist, chairs and assistants, of whom nobody is away or taken yet, and of whom else to look at some.

    The others are first who is open and free at the wanted time, then who works that day; none who does not offer it.
    """
    usual = want.with_offers(None)

    def as_done_by(id_: uuid.UUID) -> Treatment | None:
        offers = found.dentists[id_].offers
        return usual if offers is None else want.with_offers(offers)

    ids = [] if want.only_this_dentist else found.around(want.dentist_id)
    ring = {id_: treatment for id_ in ids if (treatment := as_done_by(id_)) is not None}
    own = as_done_by(want.dentist_id) if want.dentist_id in found.dentists else None
    treatments = ring if own is None else {want.dentist_id: own, **ring}
    kind = want.needs.chair_kind
    diary = Diary(
        minimum_notice=want.rules.minimum_notice,
        furthest_advance=want.rules.furthest_advance,
        slot_step=want.rules.slot_step,
        cancel_cutoff=timedelta(hours=settings.cancel_cutoff_hours),
        patient_booking=timedelta(minutes=settings.patient_booking_minutes),
        hold_for=timedelta(seconds=settings.hold_seconds),
        holds_per_patient=settings.holds_per_patient,
        dentists={} if own is None else {want.dentist_id: found.dentists[want.dentist_id]},
        assistants=found.assistants if want.needs.assistant else {},
        patients=frozenset(),
        treatments={},
        chairs={} if kind is None else {kind: found.chairs.get(kind, ())},
        closures=(),
        appointments={},
        notice_binds=want.notice_binds,
    )
    # Most do it alike, and are told apart by identity: to compare treatments takes longer than all else here.
    ways = {id(treatment): treatment for treatment in treatments.values()}
    claimed = {
        key: claimed_by(way, Interval(want.starts_at, want.starts_at + way.duration)) for key, way in ways.items()
    }
    longest = max((claim.end - claim.start for claim in claimed.values()), default=timedelta(0))
    return Search(diary, treatments, longest), _others(want, found, ring, claimed)


def _others(want: Want, found: People, ring: Mapping[uuid.UUID, Treatment], claimed: Mapping[int, Interval]) -> Others:
    windows = found.open_on(want.starts_at.date())
    wanted_at: dict[uuid.UUID, Interval | None] = {}
    # In Python's order False comes first, and what is equal keeps its place.
    for id_ in sorted(ring, key=lambda one: not windows[one]):
        treatment = ring[id_]
        time = Interval(want.starts_at, want.starts_at + treatment.duration)
        wanted_at[id_] = claimed[id(treatment)] if is_open(windows[id_], time) else None
    return Others(found.dentists, wanted_at, OTHER_DENTISTS)


def read(
    session: Session, search: Search, want: Want, reach: timedelta, *, at: datetime, others: Others = NOBODY_ELSE
) -> Search:
    """The same with what is closed and taken around the wanted time at that moment, and with some of the others."""
    diary = replace(search.diary)
    within = _within(search, want, reach, at)
    taken.add_with_others(session, diary, within, others, at=at, besides=want.besides)
    return replace(search, diary=diary)


def free_within(search: Search, want: Want, reach: timedelta, at: datetime) -> Runs:
    """What could be booked at that moment around the wanted time, whoever it is for. Pure."""
    if want.starts_at + reach < at:
        # A request that was decided long ago: nothing near it lies ahead.
        return {}
    return free_times(search.diary, search.treatments.get, _within(search, want, reach, at), at=at).runs


def nearest(runs: Runs, want: Want, own: Own, reach: timedelta) -> list[Slot]:
    """Up to three of these times that would do for who asks, the nearest first. Pure, and bounded."""
    found: list[Slot] = []
    for dentist_id, time in nearest_first(runs, want.starts_at, want.dentist_id):
        if abs(time.start - want.starts_at) > reach or len(found) == ALTERNATIVES:
            break
        slot = Slot(dentist_id, time)
        if not own.rules_out(slot):
            found.append(slot)
    return found


def _within(search: Search, want: Want, reach: timedelta, at: datetime) -> Interval:
    """Wide enough for what begins within reach to end, and for its buffers."""
    earliest = max(at, want.starts_at - reach)
    return Interval(earliest - search.longest, want.starts_at + reach + search.longest)
