"""CSV of any program: recognised by itself, bounded, and harmless in a spreadsheet."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dental_sync.records import csv_text
from dental_sync.records.csv_text import CannotImport, Table

KNOWN = ("name", "telefon")


def read(content: bytes, **named: str) -> Table:
    """A file's table."""
    return csv_text.read(io.BytesIO(content), known=KNOWN, **named)


@pytest.mark.parametrize("separator", csv_text.SEPARATORS)
@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "windows-1252"),
    ],
)
def test_what_programs_write_is_recognised(codec: str, said: str, separator: str) -> None:
    """With a mark of the encoding or without one; nobody is asked."""
    between = csv_text.SEPARATORS[separator]
    text = f"Name{between}Telefon\r\nJürgen Müß{between}030\r\n"
    table = read(text.encode(codec))
    assert (table.encoding, table.separator, table.header) == (said, separator, ["Name", "Telefon"])
    assert [(row.line, row.fields) for row in table.rows()] == [(2, ["Jürgen Müß", "030"])]


def test_an_encoding_that_is_named_is_taken() -> None:
    """Programs of the eighties write what is Windows-1252 too, and means something else."""
    content = "Name\nJürgen".encode("cp850")
    assert [row.fields for row in read(content, encoding="cp850").rows()] == [["Jürgen"]]


def test_a_separator_that_is_named_is_taken() -> None:
    """Although another one finds more columns."""
    assert read(b"Name,Telefon;x\n", separator="semicolon").header == ["Name,Telefon", "x"]


def test_the_separator_is_what_the_known_columns_are_divided_by() -> None:
    """And not what stands more often in the header."""
    assert read(b"Name;Telefon;a,b,c,d,e\n").separator == "semicolon"


def test_a_row_is_found_by_the_line_on_which_it_begins() -> None:
    """Lines within quotation marks count, and so do empty ones; those hold no row."""
    content = b'Name,Telefon\r\n"Mia\r\nSchmidt","0""30"\r\n\r\n ,\r\nNoah,1\n'
    assert [(row.line, row.fields) for row in read(content).rows()] == [
        (2, ["Mia\r\nSchmidt", '0"30']),
        (6, ["Noah", "1"]),
    ]


@pytest.mark.parametrize(
    ("content", "named", "said"),
    [
        (b"", {}, "no header"),
        (b"\n\n", {}, "no header"),
        (b"Name\n\xff\xfe", {"encoding": "utf-8"}, "line 2 is not utf-8"),
        # 0x81 is nothing in Windows-1252, and alone nothing in UTF-8.
        (b"Name\nx\n\x81", {}, "line 3 is not windows-1252"),
        (b"\xff\xfeN\x00a", {}, "not utf-16-le"),
        # It says that it is UTF-8.
        (b"\xef\xbb\xbfName\n\xfc", {}, "line 2 is not utf-8"),
        (b'Name\n"Mia" S\n', {}, "line 2: a quotation mark"),
        (b'Name\nMia\n"Noah\nx', {}, "line 3: a quotation mark"),
        (b"Name\n" + b"x" * (csv_text.LONGEST_FIELD + 1), {}, "line 2"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(content: bytes, named: dict[str, str], said: str) -> None:
    """And without a word of what is in it."""
    with pytest.raises(CannotImport, match=said) as refused:
        list(read(content, **named).rows())
    assert "Mia" not in str(refused.value)


def test_a_file_is_read_up_to_a_size_and_a_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger is refused as a whole, not cut off."""
    content = b"Name\na\nb\n"
    monkeypatch.setattr(csv_text, "MOST_ROWS", 2)
    assert len(list(read(content).rows())) == 2
    with pytest.raises(CannotImport, match="more than 2 rows"):
        list(read(content + b"c\n").rows())
    monkeypatch.setattr(csv_text, "LARGEST_FILE_BYTES", len(content))
    assert read(content).header == ["Name"]
    with pytest.raises(CannotImport, match="larger than"):
        read(content + b"c")


def written(rows: list[list[str]], *, exact: bool, separator: str = "comma") -> bytes:
    """A table as a file has it."""
    file = io.BytesIO()
    csv_text.write(file, KNOWN, rows, separator=separator, exact=exact)
    return file.getvalue()


@pytest.mark.parametrize("field", ["=1+1", "+49 30 1", "-1", "@x", "\t=1", "\uff1d1", "'=1", "''+1"])
def test_no_field_is_a_formula_in_a_spreadsheet(field: str) -> None:
    """An apostrophe makes it text; for a program it is written as it is."""
    assert f"'{field}" in written([[field, ""]], exact=False).decode("utf-8-sig")
    assert f"'{field}" not in written([[field, ""]], exact=True).decode()


@pytest.mark.parametrize("field", ["Mia", "'t Hart", "O'Neil", "", "'"])
def test_other_fields_are_written_as_they_are(field: str) -> None:
    """Dutch names begin with an apostrophe."""
    assert written([[field, "x"]], exact=False).decode("utf-8-sig").splitlines()[1] == f"{field},x"


def test_a_file_for_spreadsheets_says_how_it_is_encoded() -> None:
    """Excel takes UTF-8 without the mark for Windows-1252; programs take the mark for a part of the first name."""
    assert written([], exact=False).startswith(b"\xef\xbb\xbf")
    assert written([], exact=True) == b"name,telefon\r\n"


FIELDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8) | st.from_regex(
    r"'{0,2}[=+\-@\t][a\"';,\n]{0,3}", fullmatch=True
)


@given(
    rows=st.lists(st.lists(FIELDS, min_size=2, max_size=2), max_size=4),
    separator=st.sampled_from(list(csv_text.SEPARATORS)),
)
def test_what_was_written_is_read_again(rows: list[list[str]], separator: str) -> None:
    """Whatever stands in it: the guard is taken off where it was put on, and nowhere else."""
    table = read(written(rows, exact=False, separator=separator))
    assert table.separator == separator
    assert [row.fields for row in table.rows()] == [row for row in rows if any(field.strip() for field in row)]
