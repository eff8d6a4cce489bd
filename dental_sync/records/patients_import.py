"""Entering the patients of a file, in one transaction or not at all, by whoever has the command line.

What is typed goes into a temporary table, which nobody else can lock; the statements that could wait for somebody have
none of it (storage/locks.py). Likely doubles are found by the rule of `patients.duplicates`, after the rows were
inserted: so the file is compared with itself and with the practice in one way. Nobody sees a row before the commit, and
nobody waits: neither table nor a row that was there before is locked.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Literal, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from dental_sync.core import phone_numbers
from dental_sync.core.ids import new_id
from dental_sync.records import accounts, audit, patients, patients_csv, tokens
from dental_sync.records.csv_text import CannotImport
from dental_sync.records.new_patient import NewPatient
from dental_sync.storage.models import Practice

# What becomes of who may be entered already: nothing is imported, they are left out, or they are entered too.
Doubles = Literal["refuse", "skip", "allow"]

# So short that no statement comes near to its time-out.
ROWS_AT_ONCE = 1_000

_TURN = text("SELECT pg_try_advisory_xact_lock(hashtextextended('import-patients', 0))")
_TABLE = text("""
    CREATE TEMPORARY TABLE imported (
        line integer PRIMARY KEY, id uuid NOT NULL UNIQUE, name text NOT NULL, phone text, email text, birth_date date,
        online_booking_barred boolean NOT NULL, remark text, phones text[] NOT NULL
    ) ON COMMIT DROP
""")
_FILL = text("""
    INSERT INTO imported SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
        line integer, id uuid, name text, phone text, email text, birth_date date, online_booking_barred boolean,
        remark text, phones text[])
""")
_PATIENTS = text("""
    INSERT INTO patients (id, name, phone, email, birth_date, online_booking_barred)
    SELECT id, name, phone, email, birth_date, online_booking_barred FROM imported WHERE line = ANY (:lines)
    ORDER BY line
""")
_REMARKS = text("""
    INSERT INTO patient_remarks (patient_id, remark, updated_by)
    SELECT id, remark, CAST(:account AS uuid) FROM imported WHERE line = ANY (:lines) AND remark <> ''
""")
# Of each line those that come first, as many as `patients.duplicates` shows: a name may be in a file a thousand times.
_DOUBLES = text("""
    SELECT one.line, found.id, found.of_line FROM imported one CROSS JOIN LATERAL (
        SELECT patient_now(alike.id) AS id, other.line AS of_line
        FROM duplicates_of(one.id, one.phones) AS alike (id) LEFT JOIN imported other ON other.id = alike.id
        WHERE other.line IS NULL OR other.line < one.line
        ORDER BY other.line NULLS FIRST, alike.id LIMIT :most
    ) AS found
    WHERE one.line = ANY (:lines) ORDER BY one.line, found.of_line NULLS FIRST
""")

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Double:
    """A line whose patient may be the same person as one who is entered, or as one of an earlier line."""

    line: int
    patient_id: uuid.UUID
    of_line: int | None

    @property
    def sentence(self) -> str:
        """Who it is like, without a name."""
        other = f"the patient {self.patient_id}" if self.of_line is None else f"line {self.of_line}"
        return f"may be the same person as {other}"


@dataclass(frozen=True, slots=True)
class Report:
    """What happened, or would: sentences for the operator, and why nothing was entered, where nothing was."""

    sentences: list[str]
    refusal: str | None


def run(
    session: Session,
    file: IO[bytes],
    *,
    doubles: Doubles,
    dry_run: bool,
    now: datetime,
    encoding: str | None = None,
    separator: str | None = None,
    remarks_by: str | None = None,
) -> Report:
    """Enter the patients of a file, for the caller to commit: all that are no doubles, or nobody.

    `remarks_by` is the address of the account whose remarks those of the file are. With `dry_run`, and where the report
    has a refusal, all is rolled back. Raises CannotImport for what is no table of patients, or cannot be tried now.
    """
    today = patients.today(session, now)
    # Nothing is open while a file is read, which takes as long as it takes.
    session.rollback()
    found = patients_csv.read(file, today=today, encoding=encoding, separator=separator)
    author = _author(session, found, remarks_by)
    entered, alike = _enter(session, found.patients, doubles, author)
    refusal = _refusal(len(found.bad), len(alike) if doubles == "refuse" else 0)
    if refusal or dry_run:
        session.rollback()
    return Report(list(_sentences(found, alike, None if refusal else entered, dry_run=dry_run)), refusal)


def _author(session: Session, found: patients_csv.Found, address: str | None) -> uuid.UUID | None:
    if not any(patient.remark for _, patient in found.patients):
        return None
    if address is None:
        raise CannotImport("there are remarks: --remarks-by says whose, by the address of an account of staff")
    user = accounts.with_address(session, address)
    if user is None or not tokens.actor_of(session, user).is_staff:
        raise CannotImport("--remarks-by is no address of an account of staff")
    return user.id


def _refusal(bad: int, alike: int) -> str | None:
    reasons = []
    if bad:
        reasons.append(f"{bad} {'line is' if bad == 1 else 'lines are'} wrong")
    if alike:
        reasons.append(
            f"{alike} may be entered already: --skip-doubles leaves them out, --allow-doubles enters them too"
        )
    return f"nobody is entered, for {', and '.join(reasons)}" if reasons else None


def _sentences(
    found: patients_csv.Found, alike: Sequence[Double], entered: int | None, *, dry_run: bool
) -> Iterator[str]:
    table = found.table
    yield f"Read as {table.encoding}, separated by {table.separator}: {len(found.patients) + len(found.bad)} rows."
    if found.not_taken:
        yield "Nothing is taken from these columns: " + ", ".join(found.not_taken) + "."
    lines = [(each.line, each.reason) for each in found.bad] + [(each.line, each.sentence) for each in alike]
    for line, sentence in sorted(lines):
        yield f"line {line}: {sentence}"
    if entered is not None:
        yield f"Patients that {'would be' if dry_run else 'were'} entered: {entered}."


def _enter(
    session: Session, wanted: Sequence[tuple[int, NewPatient]], doubles: Doubles, author: uuid.UUID | None
) -> tuple[int, list[Double]]:
    """How many patients were entered, and the likely doubles by line; it is nobody where those are refused."""
    if not session.scalar(_TURN):
        raise CannotImport("another import is at work, and its patients cannot be seen yet")
    _fill(session, wanted)
    lines = [line for line, _ in wanted]
    tried = session.begin_nested()
    _insert(session, lines, author)
    alike = list(_doubles(session, lines, skip=doubles == "skip"))
    if not alike or doubles == "allow":
        tried.commit()
        return len(lines), alike
    tried.rollback()
    if doubles == "refuse":
        return 0, alike
    left_out = {double.line for double in alike}
    rest = [line for line in lines if line not in left_out]
    _insert(session, rest, author)
    return len(rest), alike


def _fill(session: Session, wanted: Sequence[tuple[int, NewPatient]]) -> None:
    country = session.scalars(select(Practice.country)).one()
    session.execute(_TABLE)
    for some in _parts(wanted):
        rows = [
            {
                "line": line,
                "id": str(new_id()),
                "phones": phone_numbers.same_number(patient.phone or "", country),
                **patient.model_dump(mode="json"),
            }
            for line, patient in some
        ]
        session.execute(_FILL, {"rows": json.dumps(rows)})
    session.execute(text("ANALYZE imported"))


def _insert(session: Session, lines: Sequence[int], author: uuid.UUID | None) -> None:
    for some in _parts(lines):
        session.execute(_PATIENTS, {"lines": some})
        session.execute(_REMARKS, {"lines": some, "account": author})
        ids = session.scalars(text("SELECT id FROM imported WHERE line = ANY (:lines)"), {"lines": some}).all()
        audit.note(session, None, "create", "patient", ids, details={"commandLine": True})


def _doubles(session: Session, lines: Sequence[int], *, skip: bool) -> Iterator[Double]:
    """The first whom each line is like; where doubles are left out, none of those."""
    seen: set[int] = set()
    for some in _parts(lines):
        for line, patient_id, of_line in session.execute(_DOUBLES, {"lines": some, "most": patients.MOST_DUPLICATES}):
            if line not in seen and not (skip and of_line in seen):
                seen.add(line)
                yield Double(line, patient_id, of_line)


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), ROWS_AT_ONCE):
        yield items[start : start + ROWS_AT_ONCE]
