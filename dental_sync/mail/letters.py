"""What is written: a row of the outbox becomes a mail, by the template of its kind and language.

A template's first line is the subject; what follows is the text, and the HTML is made of its paragraphs. No template
knows what somebody is treated for, or why: the rows do not hold it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from dental_sync.core.config import Settings
from dental_sync.mail import calendars, dates
from dental_sync.mail.outbox import Taken
from dental_sync.mail.senders import Letter, Refused

# What has an appointment in it, and goes into the reader's calendar.
_ABOUT_AN_APPOINTMENT = frozenset({"booked", "moved", "cancelled", "handed-over", "approved", "reminder"})


@dataclass(frozen=True, slots=True)
class From:
    """Who writes: the practice's name and zone, the sender's address, and where its pages are, without a last slash."""

    practice: str
    zone: str
    address: str
    public_url: str

    @classmethod
    def of(cls, settings: Settings, practice: str, zone: str) -> From:
        """As the settings have it; without MAIL_FROM it is `noreply` at the host of PUBLIC_URL."""
        host = urlsplit(settings.public_url).hostname or "localhost"
        return cls(practice, zone, settings.mail_from or f"noreply@{host}", settings.public_url.rstrip("/"))


def write(taken: Taken, sender: From) -> Letter:
    """The mail for a row; raises Refused where the recipient's address is none."""
    subject, text = _filled(taken, sender)
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = Address(addr_spec=taken.recipient)
        message["From"] = Address(_in_one_line(sender.practice), addr_spec=sender.address)
    except (ValueError, IndexError) as failure:
        # A line break, too, which would begin a header of its own.
        raise Refused from failure
    message["Subject"] = _in_one_line(subject)
    message["Date"] = taken.created_at
    message["Message-ID"] = f"<{taken.id}@{sender.address.rpartition('@')[2]}>"
    message["Content-Language"] = taken.language
    # RFC 3834: no vacation message is to answer it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(_html(taken.language, subject, text), subtype="html")
    if taken.kind in _ABOUT_AN_APPOINTMENT:
        calendar = calendars.of(taken, sender)
        message.add_attachment(
            calendar.body, subtype="calendar", filename="appointment.ics", params={"method": calendar.method}
        )
    return Letter(taken.id, taken.recipient, taken.created_at, message)


def _filled(taken: Taken, sender: From) -> tuple[str, str]:
    values = {"zone": sender.zone, **taken.facts, "practice": sender.practice, "public_url": sender.public_url}
    filled = _templates().get_template(f"{taken.language}/{taken.kind}.txt").render(_readable(values, taken.language))
    subject, _, text = filled.partition("\n")
    return subject.strip(), text.strip() + "\n"


def _in_one_line(words: str) -> str:
    return " ".join(words.split())


def _readable(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """With what a template asks for as functions of the language."""
    return {**values, "day": functools.partial(dates.day, language), "time": functools.partial(dates.time, language)}


def _html(language: str, subject: str, text: str) -> str:
    paragraphs = [paragraph.splitlines() for paragraph in text.strip().split("\n\n")]
    layout = _templates().get_template("layout.html")
    return layout.render(language=language, subject=subject, paragraphs=paragraphs)


@functools.cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("dental_sync.mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
