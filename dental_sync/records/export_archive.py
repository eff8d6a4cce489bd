"""An export as one file: a zip with `patient.json`, for programs, and `patient.html`, for people.

It is written part by part to a file that grows on the disk, so that no export fills the memory. The page needs nothing
beside itself, and runs nothing: what was typed is escaped.
"""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.records import export
from dental_sync.records.export import Person, Row
from dental_sync.records.export_words import LANGUAGES, WORDS, Language
from dental_sync.storage.models import Practice

# What is kept in memory; more is written to the disk.
_IN_MEMORY = 1024 * 1024

_HEAD = """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ said("title") }}</title>
<style>
body { font: 1em/1.4 sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0; width: 100% }
th, td { border: 1px solid #999; overflow-wrap: anywhere; padding: .2em .5em; text-align: left; vertical-align: top }
th { width: 30% }
</style>
</head>
<body>
<h1>{{ said("title") }}</h1>
<p>{{ practice }}, {{ now }}</p>
"""
_PART = """<h2>{{ said(part) }}</h2>
"""
_ROW = """<table>
{% for member, value in members %}<tr><th>{{ said(member) }}</th><td>{{ value }}</td></tr>
{% endfor %}</table>
"""
_NOTHING = """<p>{{ said("nothing") }}</p>
"""
_END = """</body>
</html>
"""


class _Page:
    """The readable page, in one language and with the practice's times."""

    def __init__(self, language: Language, zone: ZoneInfo, treatments: Mapping[uuid.UUID, str]) -> None:
        self._place, self._zone, self._treatments = LANGUAGES.index(language), zone, treatments
        self._when = ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S")[self._place]
        self._environment = Environment(autoescape=True)
        self._environment.globals.update(said=self.said, language=language)
        self._row = self._environment.from_string(_ROW)

    def said(self, word: str) -> str:
        return WORDS[word][self._place]

    def write(self, template: str, **values: Any) -> bytes:
        return self._environment.from_string(template).render(values).encode()

    def row(self, row: Row) -> bytes:
        members = [(member, self.value(value)) for member, value in row.items() if value not in (None, [], "")]
        return self._row.render(members=members).encode()

    def value(self, value: Any) -> str:
        match value:
            case bool():
                return self.said("yes" if value else "no")
            case datetime():
                return value.astimezone(self._zone).strftime(self._when)
            case date():
                return value.strftime(self._when.partition(" ")[0])
            case uuid.UUID():
                return self._treatments.get(value, str(value))
            case list():
                return ", ".join(self.value(each) for each in value)
            case dict():
                return json.dumps(value, ensure_ascii=False)
            case _:
                return str(value)


def write(session: Session, person: Person, *, language: Language, now: datetime) -> IO[bytes]:
    """All that the asker may have of a person, as a zip; a file that is gone when it is closed."""
    practice = session.execute(select(Practice.name, Practice.time_zone)).one()
    page = _Page(language, ZoneInfo(practice.time_zone), export.treatments(session))
    # Closed by whoever sends it.
    file = cast(IO[bytes], SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        SpooledTemporaryFile(_IN_MEMORY) as readable,
    ):
        readable.write(page.write(_HEAD, practice=practice.name, now=page.value(now)))
        with archive.open(_entry("patient.json", now), "w", force_zip64=True) as data:
            data.write(f'{{"exportedAt": "{format_instant(now)}"'.encode())
            for name, rows in export.parts(session, person):
                data.write(f', "{name}": ['.encode())
                readable.write(page.write(_PART, part=name))
                is_first = True
                for row in _each(rows):
                    data.write(("" if is_first else ", ").encode() + _json(row))
                    readable.write(page.row(row))
                    is_first = False
                if is_first:
                    readable.write(page.write(_NOTHING))
                data.write(b"]")
            data.write(b"}")
        readable.write(_END.encode())
        readable.seek(0)
        with archive.open(_entry("patient.html", now), "w", force_zip64=True) as written:
            while part := readable.read(_IN_MEMORY):
                written.write(part)
    file.seek(0)
    return file


def _entry(name: str, now: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _each(rows: Iterator[Sequence[Row]]) -> Iterator[Row]:
    for at_once in rows:
        yield from at_once


def _json(row: Row) -> bytes:
    return json.dumps(dict(row), default=_said, ensure_ascii=False).encode()


def _said(value: object) -> str:
    """As the API answers it."""
    if isinstance(value, datetime):
        return format_instant(value)
    return value.isoformat() if isinstance(value, date) else str(value)
