"""Text messages, for whom no mail reaches: a row of the outbox becomes a few words and a number to send them to."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from dental_sync.core.phone_numbers import to_international
from dental_sync.mail import templating
from dental_sync.mail.letters import From
from dental_sync.mail.outbox import Taken
from dental_sync.mail.senders import Letter, Refused


def write(taken: Taken, sender: From) -> Letter:
    """The message for a row; raises Refused where the number is none that can be called from anywhere."""
    number = to_international(taken.recipient, sender.country)
    if number is None:
        raise Refused
    values = {**taken.facts, "practice": sender.practice, "confirm_url": sender.link(taken, "yes")}
    words = templating.fill(f"{taken.language}/{taken.kind}.sms.txt", taken.language, **values)
    message = EmailMessage(policy=SMTP)
    message["X-Number"] = number
    message.set_content(" ".join(words.split()))
    return Letter(taken.id, number, taken.created_at, message)
