"""Patients as a table: which column means what, in English and German, and what is wrong with a line.

A row is taken as `POST /api/patients` takes a patient; a birth date may be written as 31.12.1980 too. Nothing that is
said about a line quotes it: the operator has the file, and what a command says may end in a log.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from dental_sync.core import typed_text
from dental_sync.core.wire_types import field_errors
from dental_sync.records import csv_text
from dental_sync.records.new_patient import NewPatient
from dental_sync.storage.people_models import Patient, PatientRemark

FIRST_NAME, LAST_NAME = "firstName", "lastName"

# By what `csv_text.folded` makes of a header, what it means: a member of a patient, or a part of the name.
MEANINGS = {
    header: meaning
    for meaning, headers in {
        "name": "name fullname patient patientname patientenname vollername",
        FIRST_NAME: "firstname givenname forename vorname",
        LAST_NAME: "lastname surname familyname nachname familienname zuname",
        "phone": "phone phonenumber telephone tel mobile mobilephone telefon telefonnummer rufnummer mobil handy",
        "email": "email mail emailaddress emailadresse mailadresse",
        "birthDate": "birthdate birthday dateofbirth dob geburtsdatum geburtstag gebdatum geboren geborenam",
        "remark": "remark remarks comment bemerkung bemerkungen anmerkung kommentar",
        "onlineBookingBarred": "onlinebookingbarred onlinebuchunggesperrt",
    }.items()
    for header in headers.split()
}
COLUMNS = ("id", "name", "phone", "email", "birthDate", "onlineBookingBarred", "remark")

_FLAGS = {"": False, "false": False, "no": False, "nein": False, "0": False} | dict.fromkeys(
    ("true", "yes", "ja", "1"), True
)
_GERMAN_DATE = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no patient, and why not."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds: patients by their lines, what is no patient, and the columns that nothing is taken from."""

    table: csv_text.Table
    patients: list[tuple[int, NewPatient]]
    bad: list[BadLine]
    not_taken: list[str]


def read(file: IO[bytes], *, today: date, encoding: str | None = None, separator: str | None = None) -> Found:
    """Read a whole file; `today` is the practice's. Raises csv_text.CannotImport."""
    table = csv_text.read(file, known=MEANINGS, encoding=encoding, separator=separator)
    meanings = [MEANINGS.get(csv_text.folded(header)) for header in table.header]
    _check(meanings)
    patients: list[tuple[int, NewPatient]] = []
    bad: list[BadLine] = []
    for row in table.rows():
        taken = _patient(row, meanings, today)
        if isinstance(taken, str):
            bad.append(BadLine(row.line, taken))
        else:
            patients.append((row.line, taken))
    not_taken = [
        typed_text.line(header) for header, meaning in zip(table.header, meanings, strict=True) if meaning is None
    ]
    return Found(table, patients, bad, list(filter(None, not_taken)))


def write(session: Session, file: IO[bytes], *, separator: str, exact: bool) -> None:
    """Write all patients, by name, as they can be read again."""
    query = (
        select(Patient, PatientRemark.remark)
        .join(PatientRemark, PatientRemark.patient_id == Patient.id, isouter=True)
        .where(Patient.merged_into.is_(None), Patient.erased_at.is_(None))
        .order_by(Patient.folded_name, Patient.id)
        .execution_options(yield_per=1_000)
    )
    rows = (_fields(patient, remark) for patient, remark in session.execute(query))
    csv_text.write(file, COLUMNS, rows, separator=separator, exact=exact)


def _check(meanings: Sequence[str | None]) -> None:
    if "name" not in meanings and LAST_NAME not in meanings:
        raise csv_text.CannotImport("no column is the name, or the last name, of the patients")
    if "name" in meanings and (FIRST_NAME in meanings or LAST_NAME in meanings):
        raise csv_text.CannotImport("the name is there as a whole and in parts: leave one of them")
    twice = [meaning for meaning, count in Counter(meanings).items() if meaning is not None and count > 1]
    if twice:
        raise csv_text.CannotImport(f"several columns are {', '.join(twice)}: leave one, or give others another name")


def _patient(row: csv_text.Row, meanings: Sequence[str | None], today: date) -> NewPatient | str:
    """The patient of a row, or why it is none."""
    extra = row.fields[len(meanings) :]
    if len(row.fields) < len(meanings) or any(field.strip() for field in extra):
        return f"has {len(row.fields)} fields, where the header has {len(meanings)}"
    said = {meaning: field for meaning, field in zip(meanings, row.fields, strict=False) if meaning and field.strip()}
    try:
        patient = NewPatient.model_validate(_members(said))
    except ValidationError as failure:
        return "; ".join(f"{error['pointer'].strip('/')} {error['detail']}" for error in field_errors(failure))
    if patient.birth_date is not None and patient.birth_date > today:
        return "birthDate must not lie in the future"
    return patient


def _members(said: dict[str, str]) -> dict[str, Any]:
    parts = [said.pop(part, "") for part in (FIRST_NAME, LAST_NAME)]
    members: dict[str, Any] = {"name": " ".join(parts), **said}
    if "birthDate" in said:
        members["birthDate"] = _iso(said["birthDate"].strip())
    if "onlineBookingBarred" in said:
        flag = said["onlineBookingBarred"].strip().casefold()
        members["onlineBookingBarred"] = _FLAGS.get(flag, flag)
    return members


def _iso(written: str) -> str:
    german = _GERMAN_DATE.fullmatch(written)
    if german is None:
        return written
    day, month, year = german.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def _fields(patient: Patient, remark: str | None) -> Iterator[str]:
    born = "" if patient.birth_date is None else patient.birth_date.isoformat()
    yield str(patient.id)
    yield patient.name
    yield patient.phone or ""
    yield patient.email or ""
    yield born
    yield str(patient.online_booking_barred).lower()
    yield remark or ""
