"""Days and times as they are written in a language, in the zone of the diary that they are in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from dental_sync.core.instants import parse_instant

# As people in Europe write English.
_LOCALES = {"de": "de_DE", "en": "en_GB"}


def day(language: str, instant: str, zone: str) -> str:
    """`Montag, 7. Dezember 2026`; the instant as RFC 3339 has it."""
    return format_date(_local(instant, zone), "full", locale=_LOCALES[language])


def time(language: str, instant: str, zone: str) -> str:
    """`16:30`."""
    return format_time(_local(instant, zone), "short", locale=_LOCALES[language])


def _local(instant: str, zone: str) -> datetime:
    return parse_instant(instant).astimezone(ZoneInfo(zone))
