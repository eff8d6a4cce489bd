"""People who book without a pause, and remember what was answered: whatever breaks meanwhile, each books once."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
import uuid
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from .rest import Account, Answer
from .system import System, wait_until

CALLERS = 4
PATIENTS = 12
DENTISTS = 3
# How long a careful caller goes on asking.
PATIENCE_SECONDS = 30.0
# A call that dies with its process gets one of these.
CUT_OFF = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Booked:
    """One booking: the words that it is known by, what was answered in the end, and how long that took."""

    words: str
    answer: Answer
    seconds: float


class Load:
    """Callers who book over both web processes from `with` to its end; `made` is what they were answered.

    A careful one asks again, with the same key and at the next process, when a call is cut off or answered with 503.
    """

    def __init__(self, system: System, *, pause: float = 0.0, careful: bool = False, callers: int = CALLERS) -> None:
        self.made: list[Booked] = []
        self.repeats = 0
        self._name = f"load-{uuid.uuid4()}"
        self._system = system
        self._pause = pause
        self._careful = careful
        self._dentists = [system.account(f"dentist{number + 1}").dentist_id for number in range(DENTISTS)]
        self._patients = [system.account(f"patient{number + 1}") for number in range(PATIENTS)]
        self._failures: list[Exception] = []
        self._stop = threading.Event()
        self._callers = callers
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(callers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let everybody finish what they have begun; nobody may have been answered with anything strange."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if error is None:
            assert self._failures == []

    @property
    def accepted(self) -> list[Booked]:
        """What was answered with 202: to be applied later."""
        return [booked for booked in self.made if booked.answer.status == 202]

    def wait_for(self, count: int) -> None:
        """Wait until so many more bookings were answered."""
        wanted = len(self.made) + count
        wait_until(lambda: len(self.made) >= wanted, 30, lambda: f"{len(self.made)} of {wanted}, {self._failures}")

    def assert_each_is_there_once(self) -> None:
        """Every booking is in the diary, once, and every write that was accepted is applied."""
        pending = "SELECT count(*) FROM write_requests WHERE status = 'pending'"
        wait_until(lambda: self._system.ask(pending) == 0, 20, lambda: "writes stay pending")
        applied = "SELECT count(*) FROM write_requests WHERE id = ANY(%s::uuid[]) AND status = 'applied'"
        assert self._system.ask(applied, [booked.answer.body["id"] for booked in self.accepted]) == len(self.accepted)
        with self._system.owner() as cursor:
            cursor.execute("SELECT reason FROM appointments WHERE reason LIKE %s", [f"{self._name}-%"])
            found = [words for (words,) in cursor]
        assert sorted(found) == sorted(booked.words for booked in self.made)

    def _run(self, number: int) -> None:
        patients = self._patients[number :: self._callers]
        try:
            for turn in itertools.count():
                opening = self._system.opening()
                # One time is good for every dentist, with another patient each.
                for place, dentist in enumerate(self._dentists[: len(patients)]):
                    if self._stop.is_set():
                        return
                    words = f"{self._name}-{number}-{turn}-{place}"
                    self._book(patients[place], opening.with_dentist(dentist, reason=words), words, turn)
                    time.sleep(self._pause)
        except Exception as failure:
            self._failures.append(failure)

    def _book(self, patient: Account, body: dict[str, str], words: str, turn: int) -> None:
        began = time.monotonic()
        for web in itertools.islice(itertools.cycle((0, 1)), turn % 2, None):
            try:
                answer = patient.call("POST", "/appointments", body, web=web, Idempotency_Key=words)
                if answer.status != 503 or not self._careful:
                    break
            except CUT_OFF:
                if not self._careful:
                    raise
            assert time.monotonic() < began + PATIENCE_SECONDS, f"no answer to {words}"
            self.repeats += 1
            time.sleep(0.05)
        assert answer.status in (201, 202), answer
        self.made.append(Booked(words, answer, time.monotonic() - began))
