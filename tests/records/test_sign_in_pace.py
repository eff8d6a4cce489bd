"""Guessing is slow, and nobody with the right password is locked out."""

from __future__ import annotations

import uuid

import pytest

from dental_sync.core.errors import RateLimited
from dental_sync.records.sign_in_pace import SignInPace, key_of

ACCOUNT, OTHER = key_of(uuid.uuid4(), ""), key_of(uuid.uuid4(), "")
HERE, THERE = "203.0.113.7", "198.51.100.1"
LIMIT = 20


class Watch:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Note it, and let the time pass."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def watch() -> Watch:
    """The time of a test."""
    return Watch()


@pytest.fixture
def pace(watch: Watch) -> SignInPace:
    """Nothing has failed yet."""
    return SignInPace(clock=lambda: watch.now, sleep=watch.sleep)


def fail(pace: SignInPace, times: int, account: str = ACCOUNT, network: str = HERE) -> None:
    """Guess wrong so often."""
    for _ in range(times):
        pace.wait(LIMIT, account, network)
        pace.failed(account, network)


def test_the_first_failures_cost_nothing(pace: SignInPace, watch: Watch) -> None:
    """People mistype."""
    fail(pace, LIMIT)
    assert watch.slept == []


def test_after_them_an_address_guesses_every_three_seconds(pace: SignInPace, watch: Watch) -> None:
    """Twenty a minute, however fast it asks."""
    fail(pace, LIMIT + 10)
    assert watch.slept == pytest.approx([3.0] * 9)


def test_the_owner_elsewhere_waits_for_nothing(pace: SignInPace, watch: Watch) -> None:
    """While somebody guesses at the account: the attacker's turns are not the owner's."""
    fail(pace, LIMIT + 5)
    before = len(watch.slept)
    pace.wait(LIMIT, ACCOUNT, THERE)
    assert len(watch.slept) == before


def test_other_accounts_of_the_address_are_not_slowed_down(pace: SignInPace, watch: Watch) -> None:
    """A practice behind one router, in which one colleague has forgotten a password."""
    fail(pace, LIMIT + 5)
    before = len(watch.slept)
    pace.wait(LIMIT, OTHER, HERE)
    assert len(watch.slept) == before


def test_who_guesses_at_many_accounts_is_slowed_down_on_each(pace: SignInPace, watch: Watch) -> None:
    """One guess at each of two hundred accounts, then again."""
    accounts = [key_of(uuid.uuid4(), "") for _ in range(10 * LIMIT)]
    for account in accounts:
        fail(pace, 1, account)
    assert watch.slept == []
    for _ in range(2):
        fail(pace, 1, accounts[0])
    assert watch.slept == [3.0]


def test_more_than_can_wait_are_refused(watch: Watch) -> None:
    """With Retry-After; those who wait hold a place of their own, and the time of each is known."""
    pace = SignInPace(clock=lambda: watch.now, sleep=watch.slept.append)
    for _ in range(LIMIT):
        pace.failed(ACCOUNT, HERE)
    for _ in range(6):
        pace.wait(LIMIT, ACCOUNT, HERE)
    assert watch.slept == [3.0, 6.0, 9.0, 12.0, 15.0]
    with pytest.raises(RateLimited) as refused:
        pace.wait(LIMIT, ACCOUNT, HERE)
    assert refused.value.headers["Retry-After"] == "3"


def test_a_minute_later_all_is_forgotten(pace: SignInPace, watch: Watch) -> None:
    """Nobody is slow for ever."""
    fail(pace, LIMIT)
    watch.now += 61
    fail(pace, LIMIT)
    assert watch.slept == []


def test_an_account_that_does_not_exist_is_slowed_down_like_one_that_does() -> None:
    """Or the time of an answer would tell; and what was tried is not kept as it is."""
    assert key_of(None, "Mia@demo.test") == key_of(None, "mia@DEMO.test") != key_of(None, "noah@demo.test")
    assert "mia" not in key_of(None, "mia@demo.test")
