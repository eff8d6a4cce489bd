"""What is written: a row of the outbox becomes a mail, by the template of its kind and language.

A template's first line is the subject; what follows is the text, and the HTML is made of its paragraphs. No template
knows what somebody is treated for, or why: the rows do not hold it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from dental_sync.core.config import Settings
from dental_sync.core.instants import parse_instant
from dental_sync.mail import calendars, templating
from dental_sync.mail.links import Answer, Link, Links
from dental_sync.mail.outbox import Taken
from dental_sync.mail.senders import Letter, Refused
from dental_sync.storage.models import Practice

# What has an appointment in it, and goes into the reader's calendar.
_ABOUT_AN_APPOINTMENT = frozenset({"booked", "moved", "cancelled", "handed-over", "approved", "reminder"})


@dataclass(frozen=True, slots=True)
class From:
    """Who writes: the practice as it calls itself, the sender's address, and where its pages are (no last slash)."""

    practice: str
    zone: str
    # Whose telephone numbers are written without a country code; None: nobody's.
    country: str | None
    address: str
    public_url: str
    links: Links

    @classmethod
    def of(cls, settings: Settings, practice: Practice) -> From:
        """As the settings have it; without MAIL_FROM it is `noreply` at the host of PUBLIC_URL."""
        host = urlsplit(settings.public_url).hostname or ""
        # An IPv6 address is written otherwise in a mail.
        host = "localhost" if ":" in host or not host else host
        address = settings.mail_from or f"noreply@{host}"
        pages = settings.public_url.rstrip("/")
        return cls(practice.name, practice.time_zone, practice.country, address, pages, Links(settings.secret_key))

    def link(self, taken: Taken, answer: Answer) -> str | None:
        """The link of a reminder; None where nobody could reach its page."""
        if not self.public_url:
            return None
        facts = taken.facts
        about = uuid.UUID(facts["appointmentId"]), parse_instant(facts["startsAt"])
        return self.public_url + self.links.path(Link(*about, answer, taken.language))


def write(taken: Taken, sender: From) -> Letter:
    """The mail for a row; raises Refused where the recipient's address is none."""
    subject, text = _filled(taken, sender)
    message = EmailMessage(policy=SMTP)
    name, _, domain = taken.recipient.rpartition("@")
    try:
        # As every mail server understands it (RFC 5890).
        recipient = f"{name}@{domain.encode('idna').decode()}"
        message["To"] = Address(addr_spec=recipient)
    except (ValueError, IndexError, MessageError) as failure:
        # A line break, too, which would begin a header of its own.
        raise Refused from failure
    message["From"] = Address(_in_one_line(sender.practice), addr_spec=sender.address)
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
    return Letter(taken.id, recipient, taken.created_at, message)


def _filled(taken: Taken, sender: From) -> tuple[str, str]:
    values = {"zone": sender.zone, **taken.facts, "practice": sender.practice}
    if taken.kind == "reminder":
        values |= {"confirm_url": sender.link(taken, "yes"), "cancel_url": sender.link(taken, "no")}
    filled = templating.fill(f"{taken.language}/{taken.kind}.txt", taken.language, **values)
    subject, _, text = filled.partition("\n")
    return subject.strip(), text.strip() + "\n"


def _html(language: str, subject: str, text: str) -> str:
    paragraphs = [paragraph.splitlines() for paragraph in text.strip().split("\n\n")]
    return templating.fill("layout.html", language, subject=subject, paragraphs=paragraphs)


def _in_one_line(words: str) -> str:
    return " ".join(words.split())
