"""When people and chairs are away or claimed, and the practice closed, in a whole range: by one statement."""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from dental_sync.core.ids import array_of
from dental_sync.diary.claims import Claim, Claims
from dental_sync.diary.intervals import NEVER, Interval
from dental_sync.diary.model import Dentist, Diary
from dental_sync.queries import rows
from dental_sync.storage import one_call
from dental_sync.storage.one_call import BY_INDEXES, Statement


def _within(people: str, claimable: str) -> str:
    # Claims that touch are one range, and no owner is named; expired holds are left out.
    return f"""
        SELECT kind, id, starts_at, ends_at, CAST(NULL AS timestamptz) AS expires_at
        FROM ({rows.shut_of(people)}) AS shut
        UNION ALL
        SELECT 'claim', one.id, lower(run), upper(run), busy.expires_at
        FROM unnest({claimable}) AS one (id)
        CROSS JOIN LATERAL (
            SELECT range_agg(during) AS runs, min(expires_at) AS expires_at FROM claims
            WHERE resource_id = one.id AND during && tstzrange(:start, :end)
                AND (expires_at IS NULL OR expires_at > :at) AND owner_id <> ALL (CAST(:besides AS uuid[]))
        ) AS busy CROSS JOIN LATERAL unnest(busy.runs) AS run
    """  # noqa: S608 - our own words


_IDS, _CLAIMABLE, _CHOSEN = "CAST(:ids AS uuid[])", "CAST(:claimable AS uuid[])", "ARRAY(SELECT id FROM chosen)"
_WITHIN = Statement(_within(_IDS, _CLAIMABLE))
# The first of the others whom no claim takes at their time, then the first of all. Ids are sent as one text: value by
# value they took longer to write than the query.
_WITHIN_AND_OF_OTHERS = Statement(f"""
    WITH free AS MATERIALIZED (
        SELECT other.id
        FROM unnest(CAST(:others AS uuid[]), CAST(:times AS int[])) WITH ORDINALITY AS other (id, wanted, place)
        WHERE wanted IS NOT NULL AND NOT EXISTS (
            SELECT FROM claims
            WHERE resource_id = other.id AND (expires_at IS NULL OR expires_at > :at) AND during && tstzrange(
                (CAST(:times_from AS timestamptz[]))[wanted], (CAST(:times_to AS timestamptz[]))[wanted])
            OFFSET 0)
        ORDER BY place LIMIT :most
    ), chosen AS MATERIALIZED (
        SELECT other.id FROM unnest(CAST(:others AS uuid[])) WITH ORDINALITY AS other (id, place)
        LEFT JOIN free ON free.id = other.id
        ORDER BY free.id IS NULL, place LIMIT :most
    )
    SELECT 'other' AS kind, id, CAST(NULL AS timestamptz) AS starts_at, CAST(NULL AS timestamptz) AS ends_at,
        CAST(NULL AS timestamptz) AS expires_at
    FROM chosen
    UNION ALL
    {_within(f"{_IDS} || {_CHOSEN}", f"{_CLAIMABLE} || {_CHOSEN}")}
""")  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Others:
    """Of whom some are looked at as well: up to `most` of these people, in their order, but first who is free.

    By person the time at which they would be wanted, buffers included; None is no time at which they work.
    """

    people: Mapping[uuid.UUID, Dentist]
    wanted_at: Mapping[uuid.UUID, Interval | None]
    most: int


NOBODY_ELSE = Others({}, {}, 0)


def add(session: Session, diary: Diary, span: Interval, *, at: datetime) -> None:
    """Read into the diary what is away, closed and, at that moment, claimed within a span, of its people and chairs.

    Who has claimed is not told, only when the first of them expires.
    """
    _enter(diary, one_call.execute(session, [BY_INDEXES, _WITHIN], _asked(diary, span, at, ())))


def add_with_others(
    session: Session, diary: Diary, span: Interval, others: Others, *, at: datetime, besides: Collection[uuid.UUID]
) -> None:
    """The same, with some of the others, who are entered as dentists; what `besides` have claimed is left out.

    It is a transaction of its own, and leaves the session without a connection.
    """
    times = list(dict.fromkeys(time for time in others.wanted_at.values() if time is not None))
    # As PostgreSQL counts.
    number_of = {time: str(number) for number, time in enumerate(times, start=1)}
    values = {
        **_asked(diary, span, at, besides),
        "others": array_of(others.wanted_at),
        "times": f"{{{','.join('NULL' if time is None else number_of[time] for time in others.wanted_at.values())}}}",
        "times_from": [time.start for time in times],
        "times_to": [time.end for time in times],
        "most": others.most,
    }
    found = one_call.alone(session, _WITHIN_AND_OF_OTHERS, values)
    chosen = {row.id: others.people[row.id] for row in found if row.kind == "other"}
    diary.dentists = {**diary.dentists, **chosen}
    _enter(diary, (row for row in found if row.kind != "other"))


def _asked(diary: Diary, span: Interval, at: datetime, besides: Collection[uuid.UUID]) -> dict[str, object]:
    chairs = itertools.chain.from_iterable(diary.chairs.values())
    return {
        **rows.shut(diary, span),
        "claimable": array_of([*diary.dentists, *diary.assistants, *chairs]),
        "besides": array_of(besides),
        "at": at,
    }


def _enter(diary: Diary, found: Iterable[Row[Any]]) -> None:
    absences: list[Row[Any]] = []
    expiries: set[datetime | None] = set()
    claims: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    for row in found:
        if row.kind == "claim":
            claims[row.id].append(Claim(rows.interval(row), None))
            expiries.add(row.expires_at)
        else:
            absences.append(row)
    rows.enter_absences(diary, absences)
    diary.first_expiry = min((expiry for expiry in expiries if expiry is not None), default=NEVER)
    diary.taken = {resource_id: Claims(of_one) for resource_id, of_one in claims.items()}
