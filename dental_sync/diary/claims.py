"""Who has claimed which time of a dentist or a chair, and in which layer. Pure."""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dental_sync.diary.intervals import Interval


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim on a dentist or a chair: an appointment's, or a hold's, which expires.

    Without an owner it is several claims that touch, of which only the time matters. `layer` None is all of them: what
    was not forced stands alone.
    """

    time: Interval
    owner_id: uuid.UUID | None
    expires_at: datetime | None = None
    layer: int | None = None

    def is_alive(self, at: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.expires_at is None or self.expires_at > at

    def meets(self, layer: int | None) -> bool:
        """Whether it has the layer, or one of all where that is None."""
        return self.layer is None or layer is None or self.layer == layer


class Claims:
    """The claims on one dentist or chair, which never overlap in one layer: the exclusion constraint promises that."""

    __slots__ = ("_claims", "_longest", "_starts")

    def __init__(self, claims: Sequence[Claim] = ()) -> None:
        """Begin with these, of whom each has another owner or none."""
        self._starts: list[datetime] = []
        self._claims: list[Claim] = []
        self._longest = timedelta(0)
        self.extend(claims)

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._claims)

    def put(self, claim: Claim) -> None:
        """Add a claim, in the place of its owner's earlier one."""
        if claim.owner_id is not None:
            self.drop(claim.owner_id)
        index = bisect_left(self._starts, claim.time.start)
        self._starts.insert(index, claim.time.start)
        self._claims.insert(index, claim)
        self._longest = max(self._longest, claim.time.end - claim.time.start)

    def drop(self, owner_id: uuid.UUID) -> None:
        """Forget an owner's claim, if there is one."""
        for index, claim in enumerate(self._claims):
            if claim.owner_id == owner_id:
                del self._starts[index], self._claims[index]
                return

    def extend(self, claims: Sequence[Claim]) -> None:
        """Add many claims of owners who have none yet."""
        self._claims = sorted([*self._claims, *claims], key=lambda claim: claim.time.start)
        self._starts = [claim.time.start for claim in self._claims]
        self._longest = max((claim.time.end - claim.time.start for claim in self._claims), default=self._longest)

    def over(self, time: Interval) -> list[Claim]:
        """The claims that share an instant with a time, of whatever layer, the latest first."""
        index = bisect_left(self._starts, time.end) - 1
        found = []
        # One that begins earlier than the longest is long ends before it.
        while index >= 0 and self._starts[index] + self._longest > time.start:
            if self._claims[index].time.end > time.start:
                found.append(self._claims[index])
            index -= 1
        return found
