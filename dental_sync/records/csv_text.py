"""CSV as programs write it and spreadsheets read it (RFC 4180): in which encoding, with which separator, row by row.

A field that a spreadsheet would take for a formula is written with an apostrophe before it (OWASP, "CSV Injection"),
and read without it: `+49 30 123456` would be a sum, and `=HYPERLINK(…)` a patient's way onto the practice's machine.
What is read is bounded, and no message about it quotes it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

LARGEST_FILE_BYTES = 32 * 2**20
MOST_ROWS = 100_000
LONGEST_FIELD = 20_000

# What an operator calls them, and Python. Those of Unicode and Windows-1252 are recognised.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-16": "utf-16",
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "iso-8859-15": "iso8859-15",
    "cp850": "cp850",
    "mac-roman": "mac-roman",
}
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}

# The wide ones are what a Japanese keyboard types, and the same to a spreadsheet.
_FORMULA = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_TO_GUARD = re.compile(f"'*[{_FORMULA}]")
_GUARDED = re.compile(f"'+[{_FORMULA}]")


class CannotImport(Exception):
    """A file that is not taken; the message says why, in words of ours."""


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one row, and the line of the file on which it begins, counted from 1."""

    line: int
    fields: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was recognised: the header, and how it was read. `rows` reads what comes after the header."""

    encoding: str
    separator: str
    header: list[str]
    _text: str

    def rows(self) -> Iterator[Row]:
        """The rows that hold anything; raises CannotImport where a quotation mark is wrong, or there are too many."""
        found = _rows(self._text, SEPARATORS[self.separator])
        next(found)
        for number, row in enumerate(found, start=1):
            if number > MOST_ROWS:
                raise CannotImport(f"there are more than {MOST_ROWS} rows: divide the file")
            yield row


def read(file: IO[bytes], *, known: Iterable[str], encoding: str | None = None, separator: str | None = None) -> Table:
    """Recognise a file by its first bytes and its header; `encoding` and `separator` are names, where one is given.

    The separator is the one by which the most fields of the header are `known`, folded as `folded` does. Raises
    CannotImport.
    """
    content = file.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise CannotImport(f"the file is larger than {LARGEST_FILE_BYTES // 2**20} MiB: divide it")
    encoding = encoding or _recognised(content)
    try:
        text = content.decode(ENCODINGS[encoding]).removeprefix("\ufeff")
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        raise CannotImport(f"line {line} is not {encoding}: name the encoding with --encoding") from None
    headers = {name: _header(text, SEPARATORS[name]) for name in ([separator] if separator is not None else SEPARATORS)}
    sought = set(known)
    best = max(headers, key=lambda name: (len(sought & set(map(folded, headers[name]))), len(headers[name])))
    if not headers[best]:
        raise CannotImport("there is no header line that can be read")
    return Table(encoding, best, headers[best], text)


def folded(name: str) -> str:
    """A column's name as it is compared: letters and digits alone, in lower case."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def write(
    file: IO[bytes], header: Sequence[str], rows: Iterable[Iterable[str]], *, separator: str, exact: bool
) -> None:
    """Write a table in UTF-8 with CRLF: for spreadsheets, guarded and with a mark of the encoding, or exactly."""
    text = io.TextIOWrapper(file, encoding="utf-8" if exact else "utf-8-sig", newline="")
    out = csv.writer(text, delimiter=SEPARATORS[separator], lineterminator="\r\n")
    out.writerow(header)
    for row in rows:
        out.writerow(row if exact else map(_guarded, row))
    text.detach()


def _recognised(content: bytes) -> str:
    """UTF-8 or UTF-16, with a mark or by what it looks like; what is none of them is taken for Windows-1252."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding
    # Half of the bytes of Latin text in UTF-16 are zero, and none in the others.
    start = content[:200]
    if start.count(0) > len(start) // 4:
        return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _header(text: str, separator: str) -> list[str]:
    try:
        first = next(_rows(text, separator), None)
    except CannotImport:
        return []
    return [] if first is None else first.fields


def _rows(text: str, separator: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise CannotImport(
                f"line {line}: a quotation mark is not where it may be, is not closed, or the field is too long"
            ) from None
        if any(field.strip() for field in fields):
            yield Row(line, [_unguarded(field) for field in fields])


def _guarded(field: str) -> str:
    return "'" + field if _TO_GUARD.match(field) else field


def _unguarded(field: str) -> str:
    return field[1:] if _GUARDED.match(field) else field
