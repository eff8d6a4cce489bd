"""What may be asked about several appointments at once: to hand a day over, and to book a series. Pure."""

from __future__ import annotations

import calendar
import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from dental_sync.core.wire_types import Id, Instant, Shape, Text
from dental_sync.diary.shapes import Book, Force, NewTime

# What one request may move; a sick dentist's month.
LONGEST_HAND_OVER = timedelta(days=31)
MOST_IN_A_SERIES = 60


class HandOver(Shape):
    """Give a dentist's appointments that start in `[from, until)` to a colleague, each at its own time."""

    to: Id
    from_: Annotated[Instant, Field(alias="from")]
    until: Instant
    force: Force = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if not timedelta(0) < self.until - self.from_ <= LONGEST_HAND_OVER:
            raise ValueError(f"until must come after from, by at most {LONGEST_HAND_OVER.days} days")
        return self


class Every(Shape):
    """How far apart the appointments of a series are, in the dentist's wall-clock time."""

    unit: Literal["day", "week", "month"]
    n: Annotated[int, Field(strict=True, ge=1, le=365)]

    def after(self, first: datetime, number: int) -> datetime:
        """The time of day `number` steps after a local one; where a month has no such day, its last day."""
        if self.unit != "month":
            return first + number * self.n * timedelta(days=1 if self.unit == "day" else 7)
        months = first.month - 1 + number * self.n
        year, month = first.year + months // 12, months % 12 + 1
        return first.replace(year=year, month=month, day=min(first.day, calendar.monthrange(year, month)[1]))


class Series(NewTime):
    """Book the same again and again; each is an appointment of its own that knows its series."""

    patient_id: Id | None = None
    chair_id: Id | None = None
    assistant_id: Id | None = None
    reason: Text | None = None
    every: Every
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_IN_A_SERIES)]
    when_taken: Annotated[
        Literal["skip", "refuse"],
        Field(description="`skip` books those that can be had, `refuse` all of them or none."),
    ] = "skip"

    def bookings(self, zone: ZoneInfo) -> list[Book]:
        """One booking for each, at the same wall-clock time in the dentist's zone."""
        first = self.starts_at.astimezone(zone).replace(tzinfo=None)
        length = None if self.ends_at is None else self.ends_at - self.starts_at
        left_out = {"every", "count", "when_taken"}
        said = {name: getattr(self, name) for name in self.model_fields_set - left_out}
        bookings = []
        for number in range(self.count):
            starts_at = self.every.after(first, number).replace(tzinfo=zone).astimezone(UTC)
            ends_at = {} if length is None else {"ends_at": starts_at + length}
            # The shape was checked; what is new are two instants.
            bookings.append(Book.model_construct(**{**said, "starts_at": starts_at, **ends_at}))
        return bookings

    def patient(self) -> uuid.UUID | None:
        """The patient that it names."""
        return self.patient_id

    def assistant(self) -> uuid.UUID | None:
        """The assistant that it names."""
        return self.assistant_id
