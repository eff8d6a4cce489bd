"""The links of a reminder: signed with a key of their own, so that they prove what they are about and nothing else."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, cast, get_args

from itsdangerous import BadData, URLSafeSerializer

# Whether the patient will come.
Answer = Literal["yes", "no"]

# Where the page is that a link leads to.
PATH = "/reminder/"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link does: answer for an appointment at the time that it named (aware UTC); `language` is its page's."""

    appointment_id: uuid.UUID
    starts_at: datetime
    answer: Answer
    language: str


class Links:
    """Makes and reads them; the key is derived from SECRET_KEY, and signs nothing else."""

    def __init__(self, secret_key: str) -> None:
        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._signer = URLSafeSerializer(secret_key, salt="dental_sync.reminder", signer_kwargs=options)

    def path(self, link: Link) -> str:
        """The path of its page."""
        at = (link.starts_at - _EPOCH) // _MILLISECOND
        return PATH + str(self._signer.dumps([link.appointment_id.hex, at, link.answer, link.language]))

    def read(self, token: str) -> Link | None:
        """What follows PATH, if we have signed it."""
        try:
            appointment, at, answer, language = self._signer.loads(token)
            if answer not in get_args(Answer) or language not in _LANGUAGES:
                return None
            return Link(uuid.UUID(appointment), _EPOCH + at * _MILLISECOND, cast(Answer, answer), language)
        except (BadData, ValueError, TypeError, OverflowError):
            return None
