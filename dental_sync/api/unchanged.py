"""Lists that the caller has already: `ETag`, `If-None-Match` and 304 (RFC 9110, 13.1.2) without computing the list.

What the diary shows is the same as long as the log stands where it stood, for the same question of who has the same
rights, until the moment at which it changes by itself. All that is in the tag. It is a weak one: a body may be
compressed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, request

from dental_sync.core import release
from dental_sync.core.actor import Actor
from dental_sync.core.extensions import db
from dental_sync.diary.intervals import NEVER
from dental_sync.sync import log
from dental_sync.sync.log import Head

_TAG = re.compile(
    r'"(?P<position>\d{1,19})\.(?P<listed>\d{1,9})\.(?P<since>\d{1,18})\.(?P<until>\d{1,18})\.[\w-]{22}"', re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tag:
    """The entity tag of a list, and of how many entries it is."""

    text: str
    listed: int


def tag(actor: Actor | None, head: Head, listed: int, *, since: datetime = _EPOCH, until: datetime = NEVER) -> Tag:
    """The tag of the answer to this request, which was read when the log stood there, or later.

    It is that answer, where nobody changes anything, from `since` (included) to `until`. `actor` None has no account.
    """
    return _tag(actor, head.epoch, [head.position, listed, _ticks(since), _ticks(until)])


def found(actor: Actor | None) -> Tag | None:
    """Which of the tags that the caller sent still holds; None where the list is to be read."""
    now = _ticks(datetime.now(UTC))
    sent = [match for match in _TAG.finditer(request.headers.get("If-None-Match", "")) if _is_in_time(match, now)]
    head = log.settled_head(db.session()) if sent else None
    if head is None:
        return None
    for match in sent:
        if int(match["position"]) != head.position:
            continue
        held = _tag(actor, head.epoch, [int(number) for number in match.groups()])
        if held.text.endswith(match[0]):
            return held
    return None


def _is_in_time(match: re.Match[str], now: int) -> bool:
    return int(match["since"]) <= now < int(match["until"])


def marked(response: Response, mark: Tag) -> Response:
    """The response with a tag."""
    response.headers["ETag"] = mark.text
    return response


def not_modified(held: Tag) -> Response:
    """The answer to who has the list."""
    return marked(Response(status=304), held)


def _tag(actor: Actor | None, epoch: str, stands: list[int]) -> Tag:
    said = [release.fingerprint(), request.path, sorted(request.args.items(multi=True)), _rights(actor), epoch, stands]
    digest = hashlib.blake2b(json.dumps(said).encode(), digest_size=16).digest()
    text = ".".join([*map(str, stands), base64.urlsafe_b64encode(digest).decode().rstrip("=")])
    return Tag(f'W/"{text}"', stands[1])


def _rights(actor: Actor | None) -> list[str]:
    """Who asks, as what, and whose records are the own."""
    if actor is None:
        return []
    own = [actor.own_dentist_id, actor.own_assistant_id, *sorted(actor.own_patient_ids)]
    return [actor.acts_as, str(actor.user_id), *map(str, own)]


def _ticks(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - _EPOCH) // datetime.resolution
