"""Appointments as a calendar program reads them (iCalendar, RFC 5545): when, and for whom only to the practice.

A calendar is often kept by somebody else, on a screen that others see. So a patient's says that there is an appointment
at the practice, and neither whose it is nor with whom nor what for; one of the practice has the patient's initials.
Times are UTC, which each calendar shows by its own clock, also where rules for summer time change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from icalendar import Calendar, Event, vDuration, vText

from dental_sync.storage.models import Row

MEDIA_TYPE = "text/calendar"

Language = Literal["de", "en"]

_SUMMARY: dict[Language, str] = {"de": "Zahnarzttermin", "en": "Dental appointment"}
_GERMAN = frozenset({"AT", "CH", "DE", "LI"})
# What another program should wait before it looks again (RFC 7986; the other name is what it was before).
_REFRESH = timedelta(hours=1)
_STATUS = {"pending": "TENTATIVE", "cancelled": "CANCELLED"}


def language_of(country: str | None) -> Language:
    """In which language a practice of that country speaks to its patients."""
    return "de" if country in _GERMAN else "en"


def calendar(appointments: Iterable[Row], practice: str, language: Language, is_patients: bool) -> bytes:
    """The feed of these appointments, by the columns of their table; `is_patients` says whose eyes it is for.

    It is the same to the byte as long as they are: DTSTAMP is when an appointment has changed, as where there is no
    METHOD (3.8.7.2).
    """
    made = Calendar()
    made.add("prodid", "-//Dental Sync//Calendar feed//EN")
    made.add("version", "2.0")
    for name in ("name", "x-wr-calname"):
        made.add(name, vText(practice))
    made.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(_REFRESH))
    for appointment in appointments:
        event = _event(appointment)
        if is_patients:
            event.add("summary", _SUMMARY[language])
            event.add("location", practice)
        else:
            event.add("summary", initials(appointment["patient_name"]))
        made.add_component(event)
    text: bytes = made.to_ical()
    return text


def initials(name: str) -> str:
    """The first letters of a name's words: `M. S.`."""
    return " ".join(f"{word[0].upper()}." for word in name.replace("-", " ").split())


def _event(appointment: Row) -> Event:
    is_cancelled = appointment["status"] == "cancelled"
    event = Event()
    # As in mails about it, so that a calendar that has both shows one.
    event.add("uid", f"{appointment['id']}@dental-sync")
    event.add("sequence", appointment["version"])
    event.add("dtstamp", appointment["updated_at"])
    event.add("last-modified", appointment["updated_at"])
    event.add("dtstart", appointment["starts_at"])
    event.add("dtend", appointment["ends_at"])
    event.add("status", _STATUS.get(appointment["status"], "CONFIRMED"))
    event.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    return event
