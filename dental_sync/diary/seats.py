"""Where a time fits: the dentist, and a chair and an assistant where they are needed. Pure.

The one definition of what is free, for listing, holding and booking alike.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from dental_sync.diary.intervals import Interval, calendar_of
from dental_sync.diary.model import Diary
from dental_sync.diary.visits import Needs


@dataclass(frozen=True, slots=True)
class Place:
    """What must be free at once: a dentist for a time, buffers and all, and what is needed beside."""

    dentist_id: uuid.UUID
    time: Interval
    claimed: Interval
    needs: Needs


@dataclass(frozen=True, slots=True)
class SeatWish:
    """How a seat is looked for: in this chair and no other, with this assistant, on this layer, in spite of everybody.

    `stays_in_chair`, `stays_with_assistant`: the appointment has that time with them already, so that it is no matter
    whether they went away since, or were withdrawn.
    """

    chair_id: uuid.UUID | None = None
    assistant_id: uuid.UUID | None = None
    layer: int | None = None
    force: bool = False
    stays_in_chair: bool = False
    stays_with_assistant: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a time fits: the chair, the assistant, and the expired holds in its way that are still stored."""

    chair_id: uuid.UUID | None = None
    assistant_id: uuid.UUID | None = None
    expired: frozenset[uuid.UUID] = frozenset()


ANY_SEAT = SeatWish()
NOWHERE = Seat()
_NONE: frozenset[uuid.UUID] = frozenset()


def seat(
    diary: Diary,
    place: Place,
    *,
    at: datetime,
    besides: Collection[uuid.UUID] = (),
    has: Seat = NOWHERE,
    wish: SeatWish = ANY_SEAT,
) -> Seat | None:
    """The dentist, a chair of the kind and an assistant for a time; None when one is taken, or is not there.

    What `besides` have claimed is not in the way, nor what is on another layer. What it `has` is chosen where that is
    possible. With `force` nothing is in the way, and preferred is what nobody has claimed, then what is there.
    """

    def in_the_way(resource_id: uuid.UUID) -> frozenset[uuid.UUID] | None:
        """The expired holds over the time of a dentist, a chair or an assistant; None when a claim that counts is."""
        others = diary.claims_over(resource_id, place.claimed, besides=besides, layer=wish.layer)
        if any(claim.is_alive(at) for claim in others):
            return None
        return frozenset(claim.owner_id for claim in others if claim.owner_id is not None)

    expired = in_the_way(place.dentist_id)
    if expired is None:
        if not wish.force:
            return None
        expired = _NONE
    chairs = _Choice(wish.chair_id, has.chair_id, wish.stays_in_chair)
    chair = chairs.among(
        None if place.needs.chair_kind is None else diary.chairs.get(place.needs.chair_kind, ()),
        lambda chair_id: not any(away.overlaps(place.claimed) for away in diary.chairs_away.get(chair_id, ())),
        in_the_way,
        force=wish.force,
    )
    if chair is None:
        return None
    assistants = _Choice(wish.assistant_id, has.assistant_id, wish.stays_with_assistant)
    assistant = assistants.among(
        list(diary.assistants) if place.needs.assistant else None,
        lambda assistant_id: _works(diary, assistant_id, place.time),
        in_the_way,
        force=wish.force,
    )
    if assistant is None:
        return None
    return Seat(chair.id, assistant.id, expired | chair.expired | assistant.expired)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A chair or an assistant, or none where none is needed, and the expired holds that are in its way."""

    id: uuid.UUID | None
    expired: frozenset[uuid.UUID] = _NONE


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which of several: this one and no other, or rather the one that it has."""

    named: uuid.UUID | None
    has: uuid.UUID | None
    stays: bool

    def among(
        self,
        fitting: Sequence[uuid.UUID] | None,
        is_there: Callable[[uuid.UUID], bool],
        in_the_way: Callable[[uuid.UUID], frozenset[uuid.UUID] | None],
        *,
        force: bool,
    ) -> _Chosen | None:
        """The first of these that is there and free, None when there is none; `fitting` None is that none is needed."""
        if self.named is not None:
            candidates = [self.named]
        elif fitting is None:
            return _Chosen(None)
        else:
            candidates = sorted(fitting, key=lambda one: one != self.has)
            if self.stays and self.has is not None and self.has not in candidates:
                candidates.insert(0, self.has)
        there = [one for one in candidates if (self.stays and one == self.has) or is_there(one)]
        for one in there:
            expired = in_the_way(one)
            if expired is not None:
                return _Chosen(one, expired)
        return _Chosen((there or candidates)[0]) if force and candidates else None


def _works(diary: Diary, assistant_id: uuid.UUID, time: Interval) -> bool:
    assistant = diary.assistants.get(assistant_id)
    if assistant is None or any(shut.overlaps(time) for shut in (*assistant.away, *diary.closures)):
        return False
    days = calendar_of(tuple(assistant.hours), assistant.zone, time.start.date(), time.end.date())
    return any(window.contains(time) for window in days.hours)
