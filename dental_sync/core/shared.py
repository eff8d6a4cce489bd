"""What many may ask for alike is made once, by the first who asks, as long as it is what would be made anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

Value = TypeVar("Value")

# What was not asked for the longest is forgotten first.
MOST_KEPT = 64


@dataclass(slots=True)
class _Place(Generic[Value]):
    """Where a value is made by one, while the others wait for it."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    # The value, and until when it is good.
    made: tuple[Value, datetime] | None = None


class Shared(Generic[Value]):
    """Values by what was asked for and of which state; each is made by one caller, however many ask at that moment."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._places: OrderedDict[Hashable, _Place[Value]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[datetime], tuple[Value, datetime]]) -> Value:
        """The value, made now unless it is there and still good; `make` is told the moment (aware UTC), and answers the
        value and the moment from which it is another one.

        Raises what `make` raises, and the next who asks makes it. Whoever calls may have to wait for another one, and
        must not hold a connection to the database.
        """
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            while len(self._places) > self._most:
                self._places.popitem(last=False)
        with place.turn:
            at = datetime.now(UTC)
            if place.made is None or at >= place.made[1]:
                place.made = make(at)
            return place.made[0]
