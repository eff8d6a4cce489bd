"""Constraints have the final say: plain SQL gives no dentist, chair or patient twice, and claims only proper times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dental_sync.local.embedded.postgres import DatabaseUrls
from tests import plain_sql
from tests.conftest import Practice, a_free_monday


def refused_by(session: Session, write: Callable[[], object]) -> str:
    """The name of the constraint that refused."""
    with pytest.raises(DBAPIError) as refused:
        write()
    session.rollback()
    diagnostics: Any = refused.value.orig.diag  # type: ignore[union-attr]
    return str(diagnostics.constraint_name or diagnostics.column_name)


def test_plain_sql_cannot_double_book_a_dentist(owner: Session, practice: Practice) -> None:
    """Nobody gets past the claims, the owner neither; back to back is no overlap."""
    monday, (mia, noah, *_), anna = a_free_monday(), practice.patients, practice.dentists[0]
    plain_sql.book(owner, mia, anna, monday)
    owner.commit()
    for minutes in (-29, 0, 29):
        start = monday + timedelta(minutes=minutes)
        refused = refused_by(owner, lambda start=start: plain_sql.book(owner, noah, anna, start))
        assert refused == "claims_no_double_booking"
    plain_sql.book(owner, noah, anna, monday + timedelta(minutes=30))
    plain_sql.book(owner, noah, anna, monday - timedelta(minutes=30))
    owner.commit()


def test_plain_sql_cannot_double_book_a_patient(owner: Session, practice: Practice) -> None:
    """One patient, two dentists, one time: refused."""
    monday, mia, (anna, ben, _) = a_free_monday(), practice.patients[0], practice.dentists
    plain_sql.book(owner, mia, anna, monday)
    owner.commit()
    refused = refused_by(owner, lambda: plain_sql.book(owner, mia, ben, monday + timedelta(minutes=29)))
    assert refused == "appointments_patient_not_double_booked"


def test_plain_sql_cannot_put_two_into_one_chair(owner: Session, practice: Practice) -> None:
    """Chairs are claimed as dentists are."""
    chair = owner.scalar(text("INSERT INTO chairs (name, kind) VALUES ('1', 'surgery') RETURNING id"))
    monday, seat = a_free_monday(), text("UPDATE appointments SET chair_id = :chair WHERE id = :id")
    first = plain_sql.book(owner, practice.patients[0], practice.dentists[0], monday)
    second = plain_sql.book(owner, practice.patients[1], practice.dentists[1], monday)
    owner.execute(seat, {"chair": chair, "id": first})
    owner.commit()
    refused = refused_by(owner, lambda: owner.execute(seat, {"chair": chair, "id": second}))
    assert refused == "claims_no_double_booking"


def test_buffers_are_claimed_for_plain_sql_too(owner: Session, practice: Practice) -> None:
    """The treatment's buffers are filled in where the writer says nothing of them, and block."""
    owner.execute(text("UPDATE treatments SET buffer_before_minutes = 10, buffer_after_minutes = 15"))
    monday, (mia, noah, *_), anna = a_free_monday(), practice.patients, practice.dentists[0]
    booked = plain_sql.book(owner, mia, anna, monday, treatment_id=practice.treatments["Check-up"])
    claimed = owner.execute(
        text("SELECT lower(during), upper(during) FROM claims WHERE owner_id = :id"), {"id": booked}
    ).one()
    assert tuple(claimed) == (monday - timedelta(minutes=10), monday + timedelta(minutes=45))
    owner.commit()
    assert refused_by(owner, lambda: plain_sql.book(owner, noah, anna, monday + timedelta(minutes=44)))
    plain_sql.book(owner, noah, anna, monday + timedelta(minutes=45))


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "constraint"),
    [
        ("2030-01-07T09:00Z", "2030-01-07T09:00Z", "appointments_ends_after_start"),
        ("2030-01-07T09:00Z", "2030-01-07T08:00Z", "appointments_ends_after_start"),
        (None, "2030-01-07T09:00Z", "starts_at"),
        ("2030-01-07T09:00Z", None, "ends_at"),
        ("2030-01-07T09:00Z", "infinity", "appointments_within_calendar"),
        ("-infinity", "2030-01-07T09:00Z", "appointments_within_calendar"),
        ("1800-01-01T09:00Z", "1800-01-01T10:00Z", "appointments_within_calendar"),
    ],
)
def test_an_empty_or_endless_range_is_refused(
    owner: Session, practice: Practice, starts_at: str | None, ends_at: str | None, constraint: str
) -> None:
    """Each would slip past an exclusion constraint, or stop everybody for ever."""
    statement = text(
        "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at)"
        " VALUES (:patient, :dentist, :starts, :ends)"
    )
    values = {"patient": practice.patients[0], "dentist": practice.dentists[0], "starts": starts_at, "ends": ends_at}
    assert refused_by(owner, lambda: owner.execute(statement, values)) == constraint


def test_a_status_that_frees_the_time_frees_it_for_plain_sql_too(owner: Session, practice: Practice) -> None:
    """Cancelled or struck out, it claims nothing; back to booked it must find its time free."""
    monday, (mia, noah, *_), anna = a_free_monday(), practice.patients, practice.dentists[0]
    first = plain_sql.book(owner, mia, anna, monday)
    for status in ("cancelled", "noshow", "entered-in-error"):
        owner.execute(text("UPDATE appointments SET status = :s WHERE id = :id"), {"s": status, "id": first})
        second = plain_sql.book(owner, noah, anna, monday)
        owner.commit()
        back = text("UPDATE appointments SET status = 'booked' WHERE id = :id")
        assert refused_by(owner, lambda: owner.execute(back, {"id": first})) == "claims_no_double_booking"  # noqa: B023
        owner.execute(text("DELETE FROM appointments WHERE id = :id"), {"id": second})
        owner.commit()


# Every way into the diary, for one time of one dentist that somebody has already.
HOLD = text("""
    INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)
    SELECT id, :dentist, :at, :to, clock_timestamp() + interval '5 minutes' FROM users LIMIT 1
""")
WRITE_PATHS: dict[str, str] = {
    "a booking": "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at)"
    " VALUES (:patient, :dentist, :at, :to)",
    "a pending booking": "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at, status)"
    " VALUES (:patient, :dentist, :at, :to, 'pending')",
    "a hold": "INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)"
    " SELECT id, :dentist, :at, :to, clock_timestamp() + interval '5 minutes' FROM users LIMIT 1",
    "an expired hold": "INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)"
    " SELECT id, :dentist, :at, :to, clock_timestamp() - interval '5 minutes' FROM users LIMIT 1",
    "another start": "UPDATE appointments SET starts_at = :at, ends_at = :to WHERE id = :other",
    "a buffer that reaches into it": "UPDATE appointments SET starts_at = :to, ends_at = :to + interval '1 hour',"
    " buffer_before_minutes = 1 WHERE id = :other",
    "another dentist": "UPDATE appointments SET dentist_id = :dentist WHERE id = :elsewhere",
    "a status that blocks": "UPDATE appointments SET status = 'booked' WHERE id = :missed",
    "a hold that moves": "UPDATE holds SET starts_at = :at, ends_at = :to",
}


@pytest.mark.parametrize("taken_by", ["an appointment", "a hold"])
@pytest.mark.parametrize("role", ["owner", "worker"])
@pytest.mark.parametrize("path", WRITE_PATHS)
def test_no_way_of_writing_gets_past_the_claims(
    module_database: DatabaseUrls, path: str, role: str, taken_by: str
) -> None:
    """Whoever writes, and however: inserts and updates of appointments and holds meet the same constraint."""
    with plain_sql.connect(getattr(module_database, role)) as session:
        dentists = session.scalars(text("SELECT id FROM dentists ORDER BY name")).all()
        patients = session.scalars(text("SELECT id FROM patients ORDER BY name")).all()
        monday = a_free_monday()
        hour, half = timedelta(hours=1), timedelta(minutes=30)
        values = {"dentist": dentists[0], "patient": patients[1], "at": monday, "to": monday + half}
        if taken_by == "an appointment":
            plain_sql.book(session, patients[0], dentists[0], monday)
        else:
            session.execute(HOLD, values)
        values["other"] = plain_sql.book(session, patients[2], dentists[0], monday + 4 * hour)
        values["elsewhere"] = plain_sql.book(session, patients[3], dentists[1], monday)
        values["missed"] = plain_sql.book(session, patients[4], dentists[0], monday, status="noshow")
        if path == "a hold that moves":
            session.execute(text("DELETE FROM holds WHERE starts_at <> :at"), values)
            session.execute(HOLD, {**values, "at": monday + 2 * hour, "to": monday + 2 * hour + half})
        statement = WRITE_PATHS[path] + (" WHERE starts_at <> :at" if path == "a hold that moves" else "")
        names = {name: value for name, value in values.items() if f":{name}" in statement}
        assert refused_by(session, lambda: session.execute(text(statement), names)) == "claims_no_double_booking"


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("ends_at", "2030-01-07T09:00Z", "holds_ends_after_start"),
        ("ends_at", "2030-01-07T08:00Z", "holds_ends_after_start"),
        ("ends_at", "infinity", "holds_within_calendar"),
        ("starts_at", "-infinity", "holds_within_calendar"),
        ("starts_at", None, "starts_at"),
        ("ends_at", None, "ends_at"),
        ("dentist_id", None, "dentist_id"),
        ("expires_at", None, "expires_at"),
        ("buffer_before_minutes", -60, "holds_buffers_not_negative"),
        ("buffer_after_minutes", -60, "holds_buffers_not_negative"),
    ],
)
@pytest.mark.parametrize("when", ["inserted", "updated"])
def test_a_hold_without_a_proper_range_is_refused(
    owner: Session, practice: Practice, column: str, value: object, constraint: str, when: str
) -> None:
    """Empty, endless, without a dentist, or shrunk to nothing by buffers: it would hold nothing, or for ever."""
    values: dict[str, object] = {
        "dentist_id": practice.dentists[0],
        "starts_at": "2030-01-07T09:00Z",
        "ends_at": "2030-01-07T09:30Z",
        "expires_at": "2030-01-01T00:00Z",
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
    }
    insert = text(
        f"INSERT INTO holds (user_id, {', '.join(values)}) SELECT id, :{', :'.join(values)} FROM users LIMIT 1"
    )
    if when == "inserted":
        assert refused_by(owner, lambda: owner.execute(insert, {**values, column: value})) == constraint
        return
    owner.execute(insert, values)
    owner.commit()
    update = text(f"UPDATE holds SET {column} = :value")
    assert refused_by(owner, lambda: owner.execute(update, {"value": value})) == constraint


@pytest.mark.parametrize("column", ["starts_at", "ends_at", "dentist_id", "patient_id", "status"])
def test_what_an_appointment_claims_cannot_become_null(owner: Session, practice: Practice, column: str) -> None:
    """A range without an end, or nobody's, would be in nobody's way."""
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    statement = text(f"UPDATE appointments SET {column} = NULL WHERE id = :id")
    assert refused_by(owner, lambda: owner.execute(statement, {"id": booked})) in (
        column,
        # The name of nobody is looked up before the row is checked.
        column.replace("_id", "_name"),
    )


@pytest.mark.parametrize("column", ["claimed_from", "claimed_to", "buffer_before_minutes", "buffer_after_minutes"])
@pytest.mark.parametrize("table", ["appointments", "holds"])
def test_what_a_writer_leaves_null_or_forges_is_filled_in(
    owner: Session, practice: Practice, table: str, column: str
) -> None:
    """The claimed range is computed whatever the writer says, and a missing buffer is the treatment's."""
    monday, dentist = a_free_monday(), practice.dentists[0]
    if table == "appointments":
        plain_sql.book(owner, practice.patients[0], dentist, monday)
    else:
        owner.execute(HOLD, {"dentist": dentist, "at": monday, "to": monday + timedelta(minutes=30)})
    forged = ["NULL"] if column.endswith("minutes") else ["NULL", "starts_at + interval '10 minutes'"]
    claims = text("SELECT lower(during), upper(during) FROM claims WHERE resource_id = :dentist AND during @> :at")
    for value in forged:
        owner.execute(
            text(f"UPDATE {table} SET {column} = {value} WHERE dentist_id = :dentist AND starts_at = :at"),
            {"dentist": dentist, "at": monday},
        )
        found = owner.execute(claims, {"dentist": dentist, "at": monday}).one()
        assert tuple(found) == (monday, monday + timedelta(minutes=30))


@pytest.mark.parametrize("during", ["NULL", "'empty'::tstzrange"])
def test_a_claim_itself_is_neither_empty_nor_null(owner: Session, during: str) -> None:
    """Even the owner, who alone may write there by hand."""
    statement = text(
        "INSERT INTO claims (owner_id, owner_kind, resource_id, during)"
        f" VALUES (gen_random_uuid(), 'hold', gen_random_uuid(), {during})"
    )
    assert refused_by(owner, lambda: owner.execute(statement)) in ("claims_not_empty", "during")
