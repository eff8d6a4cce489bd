"""When people and chairs are away or claimed, and the practice closed, in a whole range: by one statement."""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from dental_sync.core.ids import array_of
from dental_sync.diary.claims import Claim, Claims
from dental_sync.diary.intervals import NEVER, Interval
from dental_sync.diary.model import Diary
from dental_sync.queries import rows
from dental_sync.storage import one_call
from dental_sync.storage.one_call import Statement

# Claims that touch are one range, and no owner is named; expired holds are left out. `= ANY` reads the index once.
_WITHIN = Statement(f"""
    SELECT kind, id, starts_at, ends_at, CAST(NULL AS timestamptz) AS expires_at FROM ({rows.SHUT}) AS shut
    UNION ALL
    SELECT 'claim', busy.resource_id, lower(run), upper(run), busy.expires_at
    FROM (
        SELECT resource_id, range_agg(during) AS runs, min(expires_at) AS expires_at FROM claims
        WHERE resource_id = ANY (CAST(:claimable AS uuid[])) AND during && tstzrange(:start, :end)
            AND (expires_at IS NULL OR expires_at > :at) AND owner_id <> ALL (CAST(:besides AS uuid[]))
        GROUP BY resource_id
    ) AS busy CROSS JOIN LATERAL unnest(busy.runs) AS run
""")  # noqa: S608 - our own words


def add(session: Session, diary: Diary, span: Interval, *, at: datetime, besides: Collection[uuid.UUID] = ()) -> None:
    """Read into the diary what is away, closed and, at that moment, claimed within a span, of its people and chairs.

    Who has claimed is not told, only when the first of them expires; what `besides` have claimed is left out.
    """
    chairs = itertools.chain.from_iterable(diary.chairs.values())
    values = {
        **rows.shut(diary, span),
        "claimable": array_of([*diary.dentists, *diary.assistants, *chairs]),
        "besides": array_of(besides),
        "at": at,
    }
    absences = []
    expiries: set[datetime | None] = set()
    claims: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    for row in one_call.execute(session, [_WITHIN], values):
        if row.kind == "claim":
            claims[row.id].append(Claim(rows.interval(row), None))
            expiries.add(row.expires_at)
        else:
            absences.append(row)
    rows.enter_absences(diary, absences)
    diary.first_expiry = min((expiry for expiry in expiries if expiry is not None), default=NEVER)
    diary.taken = {resource_id: Claims(of_one) for resource_id, of_one in claims.items()}
