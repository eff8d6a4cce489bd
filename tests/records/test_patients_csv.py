"""Rows as patients: columns by their names, what is wrong with a line, and nothing of what is in it."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dental_sync.records import csv_text, patients_csv
from dental_sync.records.csv_text import CannotImport
from dental_sync.records.patients_csv import Found

TODAY = date(2030, 1, 7)


def read(text: str) -> Found:
    """What a file holds."""
    return patients_csv.read(io.BytesIO(text.encode()), today=TODAY)


def facts(text: str) -> list[dict[str, Any]]:
    """What is known about the patients of a file without a wrong line."""
    found = read(text)
    assert found.bad == []
    return [patient.model_dump(mode="json", exclude_unset=True) for _, patient in found.patients]


ALL = {
    "name": "Mia Schmidt",
    "phone": "+49 30 123",
    "email": "mia@example.test",
    "birth_date": "1980-12-31",
    "remark": "Afraid of needles.",
    "online_booking_barred": True,
}


@pytest.mark.parametrize(
    "text",
    [
        "name,phone,email,birthDate,remark,onlineBookingBarred\n"
        "Mia Schmidt,+49 30 123,mia@example.test,1980-12-31,Afraid of needles.,true\n",
        "Vorname;Nachname;Telefonnummer;E-Mail-Adresse;Geb.-Datum;Bemerkung;Online-Buchung gesperrt\n"
        " Mia ;Schmidt;+49 30 123;mia@example.test;31.12.1980;Afraid  of needles.;ja\n",
        "Last Name\tFirst Name\tMobile\tE-Mail\tDate of birth\tComment\tonline_booking_barred\n"
        "Schmidt\tMia\t+49 30 123\tmia@EXAMPLE.test\t31. 12. 1980\tAfraid of needles.\t1\n",
    ],
)
def test_columns_are_known_by_their_english_and_german_names(text: str) -> None:
    """In any order; what people typed is brought into the form in which the API stores it."""
    assert facts(text) == [ALL]


def test_what_is_empty_is_not_known() -> None:
    """An empty field is no empty text, and who has no first name has a last one."""
    assert facts("name,phone,email,birthDate,remark,onlineBookingBarred\nMia, ,,,,\n") == [{"name": "Mia"}]
    assert facts("Vorname,Nachname\n,Schmidt\n") == [{"name": "Schmidt"}]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Mia,x,,", "email must be an e-mail address"),
        (",,,", None),
        (",mia@x.test,,", "name "),
        ("Mia,,31.02.1980,", "birthDate "),
        ("Mia,,12/31/1980,", "birthDate must be a date"),
        ("Mia,,31.12.80,", "birthDate must be a date"),
        ("Mia,,2030-01-08,", "birthDate must not lie in the future"),
        ("Mia,,,perhaps", "onlineBookingBarred "),
        ("M" * 501 + ",,,", "name "),
        ("Mia,x,31.12.80,", "email must be an e-mail address; birthDate must be a date"),
        ("Mia,mia@x.test", "has 2 fields, where the header has 4"),
        ("Mia,,,,Schmidt", "has 5 fields, where the header has 4"),
        ("Mia,,,,", None),
        ("Mia\x00,,,", "name must not contain NUL"),
    ],
)
def test_a_wrong_line_is_named_with_its_reason(row: str, reason: str | None) -> None:
    """And does not keep the others from being looked at; what is in it is not repeated."""
    found = read(f"name,email,birthDate,onlineBookingBarred\n{row}\nNoah,,,\n")
    assert [patient.name for _, patient in found.patients][-1] == "Noah"
    assert [bad.line for bad in found.bad] == ([] if reason is None else [2])
    for bad in found.bad:
        assert bad.reason.startswith(reason or "")
        assert "Mia" not in bad.reason


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("phone,email", "no column is the name"),
        ("Vorname", "no column is the name"),
        ("name,Nachname", "as a whole and in parts"),
        ("name,Telefon,Mobil", "several columns are phone"),
    ],
)
def test_a_header_that_may_mean_two_things_is_refused(header: str, said: str) -> None:
    """Rather than to take one of them."""
    with pytest.raises(CannotImport, match=said):
        read(header + "\n")


def test_columns_that_nothing_is_taken_from_are_named() -> None:
    """An export has an id, another program a hundred columns."""
    assert read("id,Name,PLZ,\n1,Mia,10115,\n").not_taken == ["id", "PLZ"]


def test_the_page_names_a_column_for_each_meaning() -> None:
    """Whoever prepares a file reads it, and finds headers that are known."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "moving-in.md").read_text()
    rows = re.findall(r"^\| [^|]+ \| (`[^|]+) \|", page, re.MULTILINE)
    named = {csv_text.folded(header) for row in rows for header in re.findall(r"`([^`]+)`", row)}
    assert named <= patients_csv.MEANINGS.keys()
    assert {patients_csv.MEANINGS[header] for header in named} == set(patients_csv.MEANINGS.values())
