"""Who could be offered instead: the dentists around one, who assists, and the chairs, kept until hours change."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.roles import ASSISTANT
from dental_sync.diary.intervals import Interval, WeeklyWindow, calendar_of
from dental_sync.diary.model import Dentist
from dental_sync.queries import rows

# Among how many dentists those are chosen who are looked at.
CONSIDERED = 64
# In how many chairs of the kind that is needed, and with how many assistants: the last by name, because the first are
# given out first.
CHAIRS, ASSISTANTS = 16, 16

# The dentist, and others in the order of ids from there on, the first again after the last.
_PEOPLE = text("""
    WITH near AS (
        (SELECT id, time_zone, profession, offers, 0 AS lap FROM dentists
        WHERE active AND profession <> 'assistant' AND id >= :dentist_id ORDER BY id LIMIT :considered)
        UNION ALL
        (SELECT id, time_zone, profession, offers, 1 AS lap FROM dentists
        WHERE active AND profession <> 'assistant' AND id < :dentist_id ORDER BY id LIMIT :considered)
        ORDER BY lap, id LIMIT :considered
    ), assisting AS (
        SELECT id, time_zone, profession, offers FROM dentists WHERE active AND profession = 'assistant'
        ORDER BY folded_name DESC, id DESC LIMIT :assistants
    )
    SELECT people.id, people.time_zone, people.profession, people.offers::text AS offers,
        iso_weekday, starts, ends, valid_from, valid_to, ends_next_day
    FROM (SELECT id, time_zone, profession, offers FROM near UNION ALL TABLE assisting) AS people
    LEFT JOIN working_hours ON working_hours.dentist_id = people.id
""")
_CHAIRS = text("""
    SELECT kind, (array_agg(id ORDER BY name DESC, id DESC))[1 : :most] AS ids FROM chairs WHERE active GROUP BY kind
""")


@dataclass(slots=True)
class People:
    """Dentists and assistants with their hours, in the order of ids, and chairs by kind, as they were at a position.

    `all_of_them` when there are no other dentists. Hours and chairs change seldom, so that this is kept.
    """

    dentists: Mapping[uuid.UUID, Dentist]
    assistants: Mapping[uuid.UUID, Dentist]
    chairs: Mapping[str, Sequence[uuid.UUID]]
    all_of_them: bool
    epoch: str
    position: int
    _open: dict[date, dict[uuid.UUID, Sequence[Interval]]] = field(default_factory=dict)

    def open_on(self, day: date) -> Mapping[uuid.UUID, Sequence[Interval]]:
        """When each is open that day in UTC, and until the end of windows that have begun; not who is away."""
        if len(self._open) > 100:
            self._open.clear()
        found = self._open.get(day)
        if found is None:
            found = {
                id_: calendar_of(tuple(dentist.hours), dentist.zone, day, day).hours
                for id_, dentist in self.dentists.items()
            }
            self._open[day] = found
        return found

    def around(self, dentist_id: uuid.UUID) -> Iterable[uuid.UUID]:
        """The others from this one on, the first after the last: so that not the same few are offered to everybody."""
        ids = list(self.dentists)
        place = bisect_left(ids, dentist_id)
        return (id_ for id_ in [*ids[place:], *ids[:place]] if id_ != dentist_id)


def people(session: Session, dentist_id: uuid.UUID, *, epoch: str, position: int) -> People:
    """Read who may be offered beside this dentist, who assists, and the chairs, as they are at that position."""
    hours: dict[uuid.UUID, list[WeeklyWindow]] = defaultdict(list)
    found = {}
    values = {"dentist_id": dentist_id, "considered": CONSIDERED, "assistants": ASSISTANTS}
    for row in session.execute(_PEOPLE, values):
        found[row.id] = row
        if row.iso_weekday is not None:
            hours[row.id].append(rows.weekly_window(row))
    dentists: dict[uuid.UUID, Dentist] = {}
    assistants: dict[uuid.UUID, Dentist] = {}
    for id_, row in sorted(found.items()):
        one = Dentist(ZoneInfo(row.time_zone), tuple(hours[id_]), (), rows.offers(row.offers))
        (assistants if row.profession == ASSISTANT else dentists)[id_] = one
    chairs = {row.kind: row.ids for row in session.execute(_CHAIRS, {"most": CHAIRS})}
    return People(dentists, assistants, chairs, len(dentists) < CONSIDERED, epoch, position)
