"""What may be asked about the practice's own rules, and which bookings it could strand. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dental_sync.core.wire_types import Changes, Country, Line, Name, Text, TimeZone
from dental_sync.diary.hours_shapes import Force, HoursChange
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Absence

SlotStep = Annotated[int, Field(ge=1, le=1_440, examples=[15])]
# A year.
Notice = Annotated[int, Field(ge=0, le=525_600, examples=[120])]
# Ten years.
Advance = Annotated[int, Field(ge=1, le=3_653, examples=[400])]
# What those without an account are shown, and what pages offer them.
PublicBooking = Annotated[Literal["off", "view", "book"], Field(examples=["book"])]
# Who may register and book that the practice does not know yet.
NewPatients = Annotated[Literal["closed", "approve", "verified", "open"], Field(examples=["open"])]
OpenBookings = Annotated[int, Field(ge=1, le=1_000, examples=[5])]
# A year.
Cutoff = Annotated[int, Field(ge=0, le=8_760, examples=[24])]
Address = Annotated[Text, Field(examples=["Smile Street 1\n10115 Berlin"])]
Phone = Annotated[Line, Field(examples=["030 5550123"])]


class ChangePractice(Changes, HoursChange):
    """What is to be different about the practice; another zone is other hours of each dentist who follows it."""

    clearable: ClassVar[frozenset[str]] = frozenset(
        {"country", "open_bookings_per_patient", "cancel_cutoff_hours", "address", "phone"}
    )
    options: ClassVar[frozenset[str]] = frozenset({"force"})

    name: Name | None = None
    time_zone: TimeZone | None = None
    minimum_notice_minutes: Notice | None = None
    furthest_advance_days: Advance | None = None
    slot_step_minutes: SlotStep | None = None
    country: Country | None = None
    public_booking: PublicBooking | None = None
    new_patients: NewPatients | None = None
    open_bookings_per_patient: OpenBookings | None = None
    cancel_cutoff_hours: Cutoff | None = None
    address: Address | None = None
    phone: Phone | None = None
    force: Force = False

    def concerns(self, absence: Absence | None, now: datetime) -> Interval | None:  # noqa: ARG002
        """With a zone everything from now on, else nothing."""
        return Interval(now, datetime.max.replace(tzinfo=UTC)) if self.time_zone is not None else None
