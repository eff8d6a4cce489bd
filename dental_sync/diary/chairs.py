"""The decisions on chairs: which there are, when one is away, and which bookings a change would leave stranded.

Made in the lane as those on hours are, and pure: a chair that changes while a booking is made is judged before it or
after it, so no booking can end up in a chair that is gone without having been listed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dental_sync.core import errors
from dental_sync.core.actor import Actor
from dental_sync.core.ids import new_id
from dental_sync.diary.chair_shapes import BringChairBack, ChairChanges, NewChair, TakeChairAway, WithdrawChair
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import DELETE, INSERT, UPDATE, Chair, ChairAbsence, Decision, RowToStore
from dental_sync.diary.opening_hours import accepted


@dataclass(frozen=True, slots=True)
class ChairBooking:
    """An appointment in a chair that is still to come, or under way; `needs` is the kind that its treatment needs."""

    id: uuid.UUID
    needs: str | None


@dataclass(frozen=True, slots=True)
class ChairUse:
    """What one request is about; `bookings` are those of the chair that it could strand, in order."""

    chair: Chair | None = None
    absence: ChairAbsence | None = None
    bookings: Sequence[ChairBooking] = ()


def add_chair(_use: ChairUse, actor: Actor, wish: NewChair) -> Decision:
    """Decide to put up a chair; raises Forbidden."""
    _check_administers(actor)
    chair = Chair(new_id(), wish.name, wish.kind)
    values = {"id": chair.id, "name": chair.name, "kind": chair.kind}
    return Decision("made", chair, [RowToStore(INSERT, "chairs", chair.id, values)])


def change_chair(use: ChairUse, actor: Actor, wish: ChairChanges) -> Decision:
    """Decide what is different about a chair; raises Forbidden, NotFound, BookingsInTheWay."""
    _check_administers(actor)
    before = _existing(use)
    after = Chair(
        before.id,
        before.name if wish.name is None else wish.name,
        before.kind if wish.kind is None else wish.kind,
        before.is_active if wish.active is None else wish.active,
    )
    stranded = _stranded(use, before, after, force=wish.force)
    return Decision("changed", after, [RowToStore(UPDATE, "chairs", after.id, wish.values())], stranded)


def withdraw_chair(use: ChairUse, actor: Actor, wish: WithdrawChair) -> Decision:
    """Decide to use a chair no longer; appointments keep it. Raises Forbidden, NotFound, BookingsInTheWay."""
    _check_administers(actor)
    before = _existing(use)
    after = replace(before, is_active=False)
    stranded = _stranded(use, before, after, force=wish.force)
    return Decision("removed", after, [RowToStore(UPDATE, "chairs", after.id, {"active": False})], stranded)


def take_away(use: ChairUse, actor: Actor, wish: TakeChairAway) -> Decision:
    """Decide that a chair is away for a time; raises Forbidden, NotFound, BookingsInTheWay."""
    _check_keeps_time_off(actor)
    chair = _existing(use)
    stranded = accepted([booking.id for booking in use.bookings], force=wish.force)
    absence = ChairAbsence(new_id(), chair.id, Interval(wish.starts_at, wish.ends_at), wish.reason)
    values = {
        "id": absence.id,
        "chair_id": chair.id,
        "starts_at": absence.time.start,
        "ends_at": absence.time.end,
        "reason": absence.reason,
    }
    return Decision("made", absence, [RowToStore(INSERT, "chair_time_off", absence.id, values)], stranded)


def bring_back(use: ChairUse, actor: Actor, wish: BringChairBack) -> Decision:
    """Decide that a chair is there after all; raises Forbidden, NotFound."""
    _check_keeps_time_off(actor)
    absence = use.absence
    if absence is None or absence.chair_id != wish.chair_id:
        raise errors.NotFound
    return Decision("removed", absence, [RowToStore(DELETE, "chair_time_off", absence.id)])


def _check_administers(actor: Actor) -> None:
    if not actor.administers:
        raise errors.Forbidden


def _check_keeps_time_off(actor: Actor) -> None:
    if not actor.sees_everything:
        raise errors.Forbidden


def _existing(use: ChairUse) -> Chair:
    if use.chair is None:
        raise errors.NotFound
    return use.chair


def _stranded(use: ChairUse, before: Chair, after: Chair, *, force: bool) -> list[uuid.UUID]:
    """The bookings that the chair served as it was and does not serve any more.

    What it did not serve before would be in the way of every later change.
    """
    return accepted([b.id for b in use.bookings if _serves(before, b) and not _serves(after, b)], force=force)


def _serves(chair: Chair, booking: ChairBooking) -> bool:
    return chair.is_active and booking.needs in (None, chair.kind)
