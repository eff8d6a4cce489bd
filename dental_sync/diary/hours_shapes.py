"""What may be asked about hours, time off and closures, and which bookings each of it could strand. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from dental_sync.core.instants import format_closing, to_closing, to_wall_clock
from dental_sync.core.roles import Profession
from dental_sync.core.wire_types import Date, Id, Instant, Shape, Text, TimeZone
from dental_sync.diary.intervals import Interval, WeeklyWindow
from dental_sync.diary.model import Absence
from dental_sync.diary.visits import Offers

# More windows are treated as an input error.
MOST_WINDOWS = 200
MOST_OFFERED = 1_000

# In minutes; no treatment takes longer than the longest appointment, twelve hours.
Duration = Annotated[int, Field(ge=1, le=720, examples=[30])]


WallClock = Annotated[
    time,
    BeforeValidator(to_wall_clock, json_schema_input_type=str),
    # As it is read: a stored request is read again by the lane.
    PlainSerializer(lambda clock: clock.isoformat("minutes"), return_type=str, when_used="json"),
]

Closing = Annotated[
    time,
    BeforeValidator(to_closing, json_schema_input_type=str),
    PlainSerializer(format_closing, return_type=str, when_used="json"),
    Field(
        description="`24:00` ends the day; what is not after the start is a time of the next day.", examples=["17:00"]
    ),
]


IsoWeekday = Annotated[int, Field(strict=True, ge=1, le=7)]


Force = Annotated[bool, Field(description="Do it although bookings are in the way; the answer lists them.")]


class HoursChange(Shape):
    """What is to be different about hours, time off or closures."""

    def concerns(self, absence: Absence | None, now: datetime) -> Interval | None:  # noqa: ARG002
        """The range in which it could strand bookings; None when it can strand none. `absence` is what it is about."""
        return None


class Window(Shape):
    """One weekly window in wall-clock time of the dentist's zone; an opening on one day only has two equal dates.

    It belongs to the day on which it begins, and may end on the next one.
    """

    iso_weekday: IsoWeekday
    start: WallClock
    end: Closing
    valid_from: Date | None = None
    valid_to: Date | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.start == self.end != time(0):
            raise ValueError("end must differ from start; a whole day is 00:00 to 24:00")
        if self.valid_from is not None and self.valid_to is not None and self.valid_from > self.valid_to:
            raise ValueError("validTo must not come before validFrom")
        return self

    def weekly(self) -> WeeklyWindow:
        """The window as the rules see it."""
        ends_next_day = self.end <= self.start
        return WeeklyWindow(self.iso_weekday, self.start, self.end, self.valid_from, self.valid_to, ends_next_day)


class SetHours(HoursChange):
    """The whole week of one dentist, in place of what it was."""

    hours: Annotated[list[Window], Field(max_length=MOST_WINDOWS)]
    force: Force = False

    def concerns(self, absence: Absence | None, now: datetime) -> Interval | None:  # noqa: ARG002
        """Everything from now on."""
        return Interval(now, datetime.max.replace(tzinfo=UTC))


class ChangeDentist(HoursChange):
    """What is to be different about a dentist: the zone of the diary, the profession, whether bookings are taken.

    Null as the zone is to follow the practice's from now on. Another profession is other rights of the account.
    """

    time_zone: TimeZone | None = None
    active: bool | None = None
    profession: Profession | None = None
    force: Force = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"force"}:
            raise ValueError("timeZone, active or profession is required")
        for name in self.model_fields_set & {"active", "profession"}:
            if getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self

    def concerns(self, absence: Absence | None, now: datetime) -> Interval | None:  # noqa: ARG002
        """Everything from now on."""
        return Interval(now, datetime.max.replace(tzinfo=UTC))


class Offered(Shape):
    """A treatment that a dentist offers, and how long it takes with them where that is not the practice's length."""

    treatment_id: Id
    duration_minutes: Duration | None = None


class SetTreatments(HoursChange):
    """What a dentist offers, in place of what it was; null is everything that the practice offers."""

    treatments: Annotated[list[Offered], Field(max_length=MOST_OFFERED)] | None
    force: Force = False

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        named = [offered.treatment_id for offered in self.treatments or ()]
        if len(set(named)) < len(named):
            raise ValueError("treatments must name each treatment once")
        return self

    def concerns(self, absence: Absence | None, now: datetime) -> Interval | None:  # noqa: ARG002
        """Everything from now on."""
        return Interval(now, datetime.max.replace(tzinfo=UTC))

    def offers(self) -> Offers | None:
        """The same as the rules see it."""
        if self.treatments is None:
            return None
        lengths = ((one.treatment_id, one.duration_minutes) for one in self.treatments)
        return {id_: None if minutes is None else timedelta(minutes=minutes) for id_, minutes in lengths}

    def stored(self) -> dict[str, int | None] | None:
        """The same as the column has it."""
        if self.treatments is None:
            return None
        return {str(one.treatment_id): one.duration_minutes for one in self.treatments}


class TakeTimeOff(HoursChange):
    """A dentist is away; the reason is for that dentist and admins."""

    starts_at: Instant
    ends_at: Instant
    reason: Text | None = None
    force: Force = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("endsAt must come after startsAt")
        return self

    def concerns(self, absence: Absence | None, now: datetime) -> Interval | None:  # noqa: ARG002
        """What is left of its own range."""
        return Interval(max(now, self.starts_at), self.ends_at)


class CancelTimeOff(HoursChange):
    """A dentist is there after all; it must be that dentist's time off."""

    dentist_id: Id


class Close(TakeTimeOff):
    """The whole practice is closed; the reason may be shown to everybody."""


class ChangeClosure(HoursChange):
    """What is to be different about a closure."""

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    reason: Text | None = None
    force: Force = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set - {"force"}:
            raise ValueError("at least one of startsAt, endsAt, reason is required")
        if any(getattr(self, name) is None for name in self.model_fields_set & {"starts_at", "ends_at"}):
            raise ValueError("only reason may be null")
        return self

    def concerns(self, absence: Absence | None, now: datetime) -> Interval | None:
        """What is left of the closure's range after the change."""
        if absence is None:
            return None
        return Interval(max(now, self.starts_at or absence.time.start), self.ends_at or absence.time.end)


class Reopen(HoursChange):
    """Take a closure back."""
