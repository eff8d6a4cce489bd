"""Half hours in which the demo practice is open and its diary empty, each handed out once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dental_sync.core.instants import format_instant
from dental_sync.records.demo import AFTERNOON, MORNING, TIME_ZONE

HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Opening:
    """Half an hour, as the wire writes it."""

    starts_at: str
    ends_at: str

    def with_dentist(self, dentist_id: str, **more: str) -> dict[str, str]:
        """The body that books it."""
        return {"dentistId": dentist_id, "startsAt": self.starts_at, "endsAt": self.ends_at, **more}


def openings(now: datetime) -> Iterator[Opening]:
    """All of them, from four weeks on: everybody is free in each."""
    zone = ZoneInfo(TIME_ZONE)
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=offset) for offset in range(29, 365)):
        if day.isoweekday() > 5:
            continue
        for opens, closes in (MORNING, AFTERNOON):
            start = datetime.combine(day, opens, zone).astimezone(UTC)
            close = datetime.combine(day, closes, zone).astimezone(UTC)
            while start + HALF_AN_HOUR <= close:
                yield Opening(format_instant(start), format_instant(start + HALF_AN_HOUR))
                start += HALF_AN_HOUR
