"""What is done at one appointment: a treatment, or several in one visit, as one dentist does them. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple, TypedDict

# What a dentist offers: each treatment, and how long it takes with them where that is not the practice's length.
Offers = Mapping[uuid.UUID, timedelta | None]


class Needs(NamedTuple):
    """What is needed beside the dentist: a chair of a kind, an assistant."""

    chair_kind: str | None = None
    assistant: bool = False


NOTHING_ELSE = Needs()


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment, or several as one, as the rules see it; what is None is as the practice has it."""

    duration: timedelta
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    requires_approval: bool = False
    chair_kind: str | None = None
    # What is no longer offered cannot be booked, but an appointment that has it keeps its chair.
    is_offered: bool = True
    slot_step: timedelta | None = None
    minimum_notice: timedelta | None = None
    furthest_advance: timedelta | None = None
    needs_assistant: bool = False

    @property
    def needs(self) -> Needs:
        """What it needs beside the dentist."""
        return Needs(self.chair_kind, self.needs_assistant)


class TreatmentColumns(TypedDict):
    """How a row names its treatments: the first, and all of them where they are several."""

    treatment_id: uuid.UUID | None
    treatment_ids: tuple[uuid.UUID, ...] | None


def which_treatments(treatment_ids: Sequence[uuid.UUID]) -> TreatmentColumns:
    """These treatments in their order as a row names them."""
    several = tuple(treatment_ids) if len(treatment_ids) > 1 else None
    return {"treatment_id": treatment_ids[0] if treatment_ids else None, "treatment_ids": several}


def named_treatments(first: uuid.UUID | None, several: Sequence[uuid.UUID] | None) -> tuple[uuid.UUID, ...]:
    """The same the other way round: several in their order, or the one, or none."""
    if several:
        return tuple(several)
    return () if first is None else (first,)


def length_with(offers: Offers | None, treatment_id: uuid.UUID, treatment: Treatment) -> timedelta:
    """How long a treatment takes with a dentist who offers this; None as offers is everything."""
    own = None if offers is None else offers.get(treatment_id)
    return treatment.duration if own is None else own


def offers_all(offers: Offers | None, treatment_ids: Sequence[uuid.UUID]) -> bool:
    """Whether all of these are offered."""
    return offers is None or all(treatment_id in offers for treatment_id in treatment_ids)


def as_one(
    treatments: Sequence[Treatment],
    lengths: Sequence[timedelta],
    *,
    minimum_notice: timedelta,
    furthest_advance: timedelta,
) -> Treatment:
    """One after the other, without a break: the first's time before it and the last's after it.

    Approval is needed where one needs it, notice is the longest of theirs and the horizon the nearest (the practice's
    for those without their own), and the grid is the first's. Of two kinds of chair it has the first: that they cannot
    be booked together is for the rules to say.
    """
    first, last = treatments[0], treatments[-1]
    if len(treatments) == 1:
        return first if lengths[0] == first.duration else replace(first, duration=lengths[0])
    notices = [one.minimum_notice for one in treatments]
    advances = [one.furthest_advance for one in treatments]
    return Treatment(
        duration=sum(lengths, timedelta(0)),
        buffer_before_minutes=first.buffer_before_minutes,
        buffer_after_minutes=last.buffer_after_minutes,
        requires_approval=any(one.requires_approval for one in treatments),
        chair_kind=next((one.chair_kind for one in treatments if one.chair_kind is not None), None),
        is_offered=all(one.is_offered for one in treatments),
        slot_step=first.slot_step,
        minimum_notice=max(minimum_notice if own is None else own for own in notices),
        furthest_advance=min(furthest_advance if own is None else own for own in advances),
        needs_assistant=any(one.needs_assistant for one in treatments),
    )
