"""Who is pinged when, and who is let go of; the clock is the test's."""

from __future__ import annotations

import pytest

from dental_sync.sockets.pings import Pings


class Clock:
    """Seconds, as the test says."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Client:
    """Answers or not, as the test says."""

    def __init__(self) -> None:
        self.is_closed = False
        self.pinged = 0
        self.answered = 0
        self.was_let_go = False

    def ping(self) -> bool:
        self.pinged += not self.is_closed
        return not self.is_closed

    def is_silent(self) -> bool:
        return self.answered < self.pinged

    def let_go(self) -> None:
        self.was_let_go = True


@pytest.fixture
def clock() -> Clock:
    """It stands still."""
    return Clock()


@pytest.fixture
def pings(clock: Clock) -> Pings:
    """As Engine.IO has it."""
    return Pings(interval_seconds=25, timeout_seconds=20, clock=clock)


def test_a_client_that_answers_is_pinged_again_and_again(pings: Pings, clock: Clock) -> None:
    """The interval after each answer, and not before."""
    client = Client()
    pings.schedule(client)
    for round_ in range(1, 4):
        clock.now += 24
        pings.mind()
        assert client.pinged == round_ - 1
        clock.now += 1
        pings.mind()
        pings.mind()
        assert client.pinged == round_
        clock.now += 19
        client.answered = round_
        pings.schedule(client)
        pings.mind()
    clock.now += 1000
    pings.mind()
    assert not client.was_let_go


def test_a_client_that_does_not_answer_in_time_is_let_go(pings: Pings, clock: Clock) -> None:
    """After its time is over, and nobody else with it."""
    silent, late, new = Client(), Client(), Client()
    pings.schedule(silent)
    pings.schedule(late)
    clock.now += 25
    pings.schedule(new)
    pings.mind()
    clock.now += 19.9
    late.answered = 1
    pings.mind()
    assert not silent.was_let_go
    clock.now += 0.1
    pings.mind()
    assert [client.was_let_go for client in (silent, late, new)] == [True, False, False]


def test_a_client_that_is_closed_is_neither_pinged_nor_let_go(pings: Pings, clock: Clock) -> None:
    """It is forgotten."""
    client = Client()
    pings.schedule(client)
    client.is_closed = True
    clock.now += 1000
    pings.mind()
    clock.now += 1000
    pings.mind()
    assert (client.pinged, client.was_let_go) == (0, False)
