"""The Python client follows whomever an account acts for."""

from __future__ import annotations

from typing import Any

from ..families import TOLD_WITHIN_SECONDS, Family
from ..system import System, wait_until
from .follower import LIVE_SECONDS, Follow


def test_the_python_client_follows_a_child_from_the_grant_to_its_end(system: System, follow: Follow) -> None:
    """Within the second, and through a cut; everything is told once, and nothing after the end."""
    family = Family.new(system)
    mother = follow(system, "mother", lambda: family.mother.token)
    told: list[str] = []
    subscription = mother.sync.subscribe_to_own_appointments(
        on_appointment_created=lambda appointment: told.append(appointment["id"])
    )
    assert subscription.wait_until_live(LIVE_SECONDS)
    assert subscription.channel_names == (family.own_channel,)

    def wait_resyncs(*reasons: str) -> None:
        expected: list[Any] = [(family.childs_channel, reason, None) for reason in reasons]
        wait_until(lambda: mother.resyncs == expected, TOLD_WITHIN_SECONDS, lambda: f"{mother.resyncs}, not {expected}")

    family.grant()
    wait_resyncs("granted")
    wait_until(lambda: mother.sync.state.status == "live", LIVE_SECONDS, lambda: "it is not live")
    assert subscription.channel_names == (family.own_channel, family.childs_channel)
    expected = [family.book_for_child(), family.book_own()]
    wait_until(lambda: told == expected, LIVE_SECONDS, lambda: f"{told}, not {expected}")
    mother.socket.cut()
    expected += [family.book_own(), family.book_for_child(), family.book_for_child()]
    wait_until(lambda: sorted(told) == sorted(expected), LIVE_SECONDS, lambda: f"{told}, not {expected}")

    family.end()
    wait_resyncs("granted", "ended")
    family.book_for_child()
    expected.append(family.book_own())
    wait_until(lambda: sorted(told) == sorted(expected), LIVE_SECONDS, lambda: f"{told}, not {expected}")
    assert (subscription.active, subscription.channel_names) == (True, (family.own_channel,))
    assert mother.errors == []
