"""Tokens are renewed before anybody notices, and an expired one keeps nobody out."""

from __future__ import annotations

import time

from dental_sync.records.demo import PASSWORD

from ..conftest import TOKEN_SECONDS
from ..rest import Account
from ..system import System
from .front_end import Open


def test_a_token_is_renewed_before_anybody_notices(hasty: System, open_front_end: Open) -> None:
    """A front end is live for more than two lives of a token without a break, and so is one without an account."""
    portal = open_front_end(hasty, "dentist1@demo.test")
    dentist = sign_in(hasty, "dentist1")
    portal.subscribe("own", "subscribeToAppointments", dentist.dentist_id, "dentist")
    site = open_front_end(hasty, visits=True)
    site.subscribe("free", "subscribeToAvailability", dentist.dentist_id)
    for front_end in (portal, site):
        front_end.wait_live()
    time.sleep(2.5 * TOKEN_SECONDS)
    booked = sign_in(hasty, "patient1").done("POST", "/appointments", hasty.opening().with_dentist(dentist.dentist_id))
    portal.wait_created("own", booked)
    site.wait_told("free", "availability", lambda told: told == dentist.dentist_id)
    for front_end in (portal, site):
        assert front_end.states() == ["connecting", "catching-up", "live"]
        tokens = [record["fresh"] for record in front_end.client.records if record["kind"] == "token"]
        assert tokens[0] is False
        # Each renewal asks for another one.
        assert sum(tokens) >= 2


def test_an_expired_token_costs_one_more_attempt(hasty: System, open_front_end: Open) -> None:
    """A laptop that was asleep comes back with a token that has expired; a fresh one is fetched, and all is well."""
    portal = open_front_end(hasty, "dentist1@demo.test", options={"lingerMs": 0})
    portal.subscribe("free", "subscribeToGlobalAvailability")
    portal.wait_live()
    portal.do("unsubscribe", name="free")
    portal.client.wait_for(lambda: portal.state() == "closed", "the connection to be given up")
    time.sleep(TOKEN_SECONDS + 1)
    portal.client.forget()
    portal.subscribe("free", "subscribeToGlobalAvailability")
    portal.wait_live()
    assert portal.states() == ["connecting", "offline", "catching-up", "live"]
    assert [record["error"] for record in portal.client.records if record["kind"] == "state"][1] == "token-expired"


def sign_in(system: System, name: str) -> Account:
    """A session with a token that is fresh."""
    return Account.sign_in(system.ports, f"{name}@demo.test", PASSWORD)
