"""Whoever is signed out by the server hears why, and stays out."""

from __future__ import annotations

import time

from ..system import System
from ..witnesses import NEW_PASSWORD, somebody_new
from .front_end import Open


def test_whoever_is_signed_out_is_told_and_stays_out(system: System, open_front_end: Open) -> None:
    """The subscription ends with an error, the state is closed and says why, and nobody tries again."""
    user, _account = somebody_new(system, "patient")
    website = open_front_end(system, user["email"], NEW_PASSWORD)
    website.subscribe("own", "subscribeToAppointments", user["id"], "patient")
    website.wait_live()
    system.account("admin").done("PATCH", f"/users/{user['id']}", {"active": False})
    website.client.wait_for(lambda: website.state() == "closed", "the end")
    closed = [record for record in website.client.records if record["kind"] == "state"][-1]
    assert closed["error"] == "revoked"
    [error] = [record for record in website.client.records if record["kind"] == "error"]
    assert (error["code"], error["retryable"]) == ("subscription-closed", False)
    time.sleep(2)
    assert website.states() == ["connecting", "catching-up", "live", "closed"]
    assert website.describe()["count"] == 0
    # With the token of before it is refused for good.
    website.client.forget()
    website.subscribe("again", "subscribeToGlobalAvailability")
    error = website.client.wait_for_record(lambda record: record["kind"] == "error", "the refusal")
    assert website.states() == ["connecting", "closed"]
    assert (error["name"], error["code"], error["retryable"]) == ("again", "account-disabled", False)
