"""What is taken around the times that requests ask for, and by whom they are asked: one call, whatever is read."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from dental_sync.core.ids import array_of
from dental_sync.diary.claims import Claim, Claims
from dental_sync.diary.intervals import Interval
from dental_sync.diary.model import Diary
from dental_sync.queries import rows
from dental_sync.storage import one_call
from dental_sync.storage.one_call import Statement

# Of claims no patient or account is named: appointments and holds count alike. The patients' own appointments are found
# by the condition of the exclusion constraint. `accepted`: whose appointment the practice has accepted, or made itself,
# and the patient did not miss. `open`: a request may have been received a while ago, when more was still to come.
_AROUND = Statement(f"""
    SELECT kind, id, CAST(NULL AS uuid) AS other_id, starts_at, ends_at, CAST(NULL AS timestamptz) AS expires_at,
        CAST(NULL AS integer) AS number
    FROM ({rows.SHUT}) AS shut
    UNION ALL
    SELECT DISTINCT 'claim', wanted.id, c.owner_id, lower(c.during), upper(c.during), c.expires_at, lower(c.layers)
    FROM unnest(CAST(:resources AS uuid[]), CAST(:claim_starts AS timestamptz[]), CAST(:claim_ends AS timestamptz[]))
        AS wanted (id, starts_at, ends_at)
    CROSS JOIN LATERAL (
        SELECT * FROM claims
        WHERE resource_id = wanted.id AND during && tstzrange(wanted.starts_at, wanted.ends_at) OFFSET 0) AS c
    UNION ALL
    SELECT DISTINCT 'appointment', wanted.id, a.id, a.starts_at, a.ends_at, CAST(NULL AS timestamptz), 0
    FROM unnest(CAST(:patients AS uuid[]), CAST(:patient_starts AS timestamptz[]), CAST(:patient_ends AS timestamptz[]))
        AS wanted (id, starts_at, ends_at)
    CROSS JOIN LATERAL (
        SELECT * FROM appointments
        WHERE patient_id = wanted.id AND tstzrange(starts_at, ends_at) && tstzrange(wanted.starts_at, wanted.ends_at)
            AND status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') OFFSET 0) AS a
    UNION ALL
    SELECT 'record', id, NULL, NULL, NULL, NULL, CAST(online_booking_barred AS integer)
    FROM patients WHERE id = ANY (CAST(:patients AS uuid[])) AND erased_at IS NULL AND merged_into IS NULL
    UNION ALL
    SELECT 'accepted', asked.id, NULL, NULL, NULL, NULL, 0 FROM unnest(CAST(:to_be_accepted AS uuid[])) AS asked (id)
    CROSS JOIN LATERAL (
        SELECT FROM appointments
        WHERE patient_id = asked.id AND status IN ('booked', 'arrived', 'checked-in', 'fulfilled') LIMIT 1) AS one
    UNION ALL
    SELECT 'open', asked.id, a.id, a.starts_at, a.ends_at, NULL, 0 FROM unnest(CAST(:limited AS uuid[])) AS asked (id)
    CROSS JOIN LATERAL (
        SELECT * FROM appointments
        WHERE patient_id = asked.id AND status IN ('pending', 'booked')
            AND starts_at > clock_timestamp() - interval '1 day' OFFSET 0) AS a
""")  # noqa: S608 - our own words

Wanted = Sequence[tuple[uuid.UUID, Interval]]


def add(session: Session, diary: Diary, span: Interval, *, claimable: Wanted, patients: Wanted) -> None:
    """Read into the diary what is away or closed within a span, what is taken around the times of dentists, chairs and
    assistants, and about the patients: who exists, their times, and what the practice asks of them."""
    named = {patient_id for patient_id, _ in patients}
    nobody: Collection[uuid.UUID] = ()
    values = {
        **rows.shut(diary, span),
        **_columns("resources", "claim", claimable),
        **_columns("patients", "patient", patients),
        "to_be_accepted": array_of(named if diary.approves_new_patients else nobody),
        "limited": array_of(named if diary.open_bookings_per_patient is not None else nobody),
    }
    found = defaultdict(list)
    for row in one_call.execute(session, [_AROUND], values):
        found[row.kind].append(row)
    rows.enter_absences(diary, [row for kind in rows.SHUT_KINDS for row in found[kind]])
    claims = defaultdict(list)
    for row in found["claim"]:
        claims[row.id].append(Claim(rows.interval(row), row.other_id, row.expires_at, row.number))
    for resource_id, taken in claims.items():
        diary.taken.setdefault(resource_id, Claims()).extend(taken)
    for row in found["appointment"]:
        diary.patient_times.setdefault(row.id, {})[row.other_id] = rows.interval(row)
    diary.patients = frozenset(row.id for row in found["record"])
    diary.barred = frozenset(row.id for row in found["record"] if row.number)
    diary.accepted = frozenset(row.id for row in found["accepted"])
    for row in found["open"]:
        diary.open_starts.setdefault(row.id, {})[row.other_id] = row.starts_at


def _columns(ids: str, prefix: str, wanted: Wanted) -> dict[str, object]:
    return {
        ids: array_of(id_ for id_, _ in wanted),
        f"{prefix}_starts": [time.start for _, time in wanted],
        f"{prefix}_ends": [time.end for _, time in wanted],
    }
