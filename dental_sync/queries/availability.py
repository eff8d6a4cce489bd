"""What is free: the list of times that can be booked.

Reads hours and claims, never an appointment or a patient; the rules are those of `booking`, so what is listed can be
booked.
"""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant, parse_instant
from dental_sync.core.wire_types import to_count, to_uuid
from dental_sync.diary.free_times import Runs, TreatmentOf, free_times
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary
from dental_sync.diary.rules import check_known_visit
from dental_sync.diary.visits import Treatment, offers_all
from dental_sync.queries import load as load_diary
from dental_sync.storage import keyset

LONGEST_RANGE = timedelta(days=31)
# Who asks for the first few times reads one day, and where that is not enough twice as much at each further step.
FIRST_STEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is free with a dentist."""

    dentist_id: uuid.UUID
    time: Interval

    def wire(self) -> SlotWire:
        """The contract's slot."""
        return {
            "dentistId": str(self.dentist_id),
            "startsAt": format_instant(self.time.start),
            "endsAt": format_instant(self.time.end),
        }


class SlotWire(TypedDict):
    """The same as the contract has it."""

    dentistId: str
    startsAt: str
    endsAt: str


@dataclass(frozen=True, slots=True)
class Place:
    """After which time a page of the list begins, and from where its reader follows the log: position and epoch."""

    starts_at: datetime
    dentist_id: uuid.UUID
    position: int
    epoch: str


_CURSOR = keyset.Cursor(parse_instant, to_uuid, to_count, lambda text: str(to_uuid(text)))


def place(after: str | None) -> Place | None:
    """What a cursor says, None for the first page; raises ValidationFailed for another list's cursor."""
    return None if after is None else Place(*_CURSOR.read(after))


def cursor(last: SlotWire, *, position: int, epoch: str) -> str:
    """The cursor of the page after this time."""
    return _CURSOR.write([last["startsAt"], last["dentistId"], str(position), epoch])


def steps(within: Interval, place: Place | None, *, few: bool) -> Iterator[Interval]:
    """The ranges of starts in which to look, in order: all at once, or in growing steps where few are wanted.

    There is one at least, and it may be empty.
    """
    start = within.start if place is None else min(max(within.start, place.starts_at), within.end)
    length = FIRST_STEP if few else LONGEST_RANGE
    while True:
        end = min(start + length, within.end)
        yield Interval(start, end)
        if end == within.end:
            return
        start, length = end, 2 * length


@dataclass(frozen=True, slots=True)
class Asked:
    """What a time is looked for, and for whom: one dentist or all, treatments, for staff a length of their own.

    Where neither is said every time of no length would do: one of the two is needed.
    """

    dentist_id: uuid.UUID | None
    treatment_ids: Sequence[uuid.UUID] = ()
    duration: timedelta | None = None
    # Notice and horizon bind patients; the front desk and a dentist in the own diary see what they may book.
    notice_binds: bool = True


def load(
    session: Session,
    settings: Settings,
    within: Interval,
    asked: Asked,
    *,
    at: datetime,
    until: datetime | None = None,
) -> tuple[Diary, TreatmentOf]:
    """Read what listing needs at that moment, and how each dentist does what is sought.

    Raises UnknownDentist, UnknownTreatment, InvalidDuration, and NotOffered by the one dentist who is named. Where
    `until` is given, what begins within the range may go on until then.
    """
    diary = load_diary.load_range(
        session,
        settings,
        within,
        at=at,
        treatment_ids=asked.treatment_ids,
        dentist_id=asked.dentist_id,
        until=until,
        duration=asked.duration,
    )
    diary.notice_binds = asked.notice_binds
    if asked.dentist_id is not None and asked.dentist_id not in diary.dentists:
        raise errors.UnknownDentist
    if not asked.treatment_ids:
        plain = Treatment(asked.duration or timedelta(0))
        return diary, lambda _: plain
    named = [asked.dentist_id] if asked.dentist_id is not None else list(diary.dentists)
    check_known_visit(diary, asked.treatment_ids)
    treatments = {id_: as_asked(diary, id_, asked) for id_ in named}
    if asked.dentist_id is not None and treatments[asked.dentist_id] is None:
        raise errors.NotOffered
    return diary, treatments.get


def as_asked(diary: Diary, dentist_id: uuid.UUID, asked: Asked) -> Treatment | None:
    """What is sought as this dentist does it; None where they do not offer it."""
    treatment = diary.visit(asked.treatment_ids, dentist_id)
    if treatment is None or not offers_all(diary.dentists[dentist_id].offers, asked.treatment_ids):
        return None
    return treatment if asked.duration is None else replace(treatment, duration=asked.duration)


def slots_of_step(
    diary: Diary, treatment_of: TreatmentOf, step: Interval, place: Place | None, *, until: datetime, at: datetime
) -> tuple[list[SlotWire], datetime]:
    """What is free at that moment of what starts within a step, ends by `until` and comes after the place.

    And the moment from which that is another list, where nobody changes anything. Pure, and may
    take a while.
    """
    found = free_times(diary, treatment_of, Interval(step.start, until), at=at, starts_before=step.end)
    return listed(found.runs, after=place), found.until


def listed(runs: Runs, *, after: Place | None = None) -> list[SlotWire]:
    """These times as the contract lists them, by start and dentist; where a place is given, those after it.

    Many dentists begin at the same times, so each instant is written once.
    """
    written = _Instants()
    by_start: dict[int, list[SlotWire]] = defaultdict(list)
    for dentist_id, of_one in sorted(runs.items()):
        name = str(dentist_id)
        for run in of_one:
            first, step, length = _ticks(run.first), run.step // _TICK, run.length // _TICK
            for start in range(first, first + run.number * step, step):
                slot: SlotWire = {
                    "dentistId": name,
                    "startsAt": written[start],
                    "endsAt": written[start + length],
                }
                by_start[start].append(slot)
    found = [slot for start in sorted(by_start) for slot in by_start[start]]
    if after is None:
        return found
    place = format_instant(after.starts_at), str(after.dentist_id)
    return list(itertools.dropwhile(lambda slot: (slot["startsAt"], slot["dentistId"]) <= place, found))


_TICK = datetime.resolution
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _ticks(instant: datetime) -> int:
    return (instant - _EPOCH) // _TICK


class _Instants(dict[int, str]):
    """Instants in ticks since 1970 as the wire has them, each written when it is first asked for."""

    def __missing__(self, ticks: int) -> str:
        text = self[ticks] = format_instant(_EPOCH + ticks * _TICK)
        return text
