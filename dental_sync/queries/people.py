"""Who could be offered instead: the dentists around one, who assists, and the chairs, kept until hours change."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.roles import ASSISTANT
from dental_sync.diary.intervals import Interval, calendar_of
from dental_sync.diary.model import Dentist
from dental_sync.queries import rows

# Among how many dentists those are chosen who are looked at.
CONSIDERED = 64
# In how many chairs of the kind that is needed, and with how many assistants: the last by name, because the first are
# given out first.
CHAIRS, ASSISTANTS = 16, 16

# The dentist, and others in the order of ids from there on, the first again after the last.
_PEOPLE = text(f"""
    WITH near AS (
        (SELECT id, 0 AS lap FROM dentists
        WHERE active AND profession <> 'assistant' AND id >= :dentist_id ORDER BY id LIMIT :considered)
        UNION ALL
        (SELECT id, 1 AS lap FROM dentists
        WHERE active AND profession <> 'assistant' AND id < :dentist_id ORDER BY id LIMIT :considered)
        ORDER BY lap, id LIMIT :considered
    ), assisting AS (
        SELECT id FROM dentists WHERE active AND profession = 'assistant'
        ORDER BY folded_name DESC, id DESC LIMIT :assistants
    )
    SELECT {rows.PERSON} FROM dentists d JOIN (SELECT id FROM near UNION ALL TABLE assisting) AS people USING (id)
    ORDER BY d.id
""")  # noqa: S608 - our own words
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
    values = {"dentist_id": dentist_id, "considered": CONSIDERED, "assistants": ASSISTANTS}
    dentists: dict[uuid.UUID, Dentist] = {}
    assistants: dict[uuid.UUID, Dentist] = {}
    for row in session.execute(_PEOPLE, values):
        (assistants if row.profession == ASSISTANT else dentists)[row.id] = rows.person(row)
    chairs = {row.kind: row.ids for row in session.execute(_CHAIRS, {"most": CHAIRS})}
    return People(dentists, assistants, chairs, len(dentists) < CONSIDERED, epoch, position)
