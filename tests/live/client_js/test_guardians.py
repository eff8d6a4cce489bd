"""A mother's page follows whomever she acts for, and does nothing for that."""

from __future__ import annotations

from ..families import TOLD_WITHIN_SECONDS, Family
from ..system import System, wait_until
from ..witnesses import NEW_PASSWORD
from .front_end import FrontEnd, Open


def wait_resyncs(page: FrontEnd, *expected: tuple[str, str], seconds: float = TOLD_WITHIN_SECONDS) -> None:
    """Wait until it was told so often, of which channel and why, to fetch again what it shows."""

    def told() -> list[tuple[str, str]]:
        records = [record for record in page.client.records if record["kind"] == "resync"]
        return [(record["channelName"], record["reason"]) for record in records]

    page.client.wait_for(lambda: len(told()) >= len(expected), f"{expected}, and not {told()}", seconds)
    assert told() == [*expected]


def test_a_page_follows_a_child_from_the_grant_to_its_end(system: System, open_front_end: Open) -> None:
    """The child appears and goes within the second, through cuts; everything is told once, and nothing too long."""
    family = Family.new(system)
    page = open_front_end(system, family.user["email"], NEW_PASSWORD, hearsResync=True)
    page.subscribe("own", "subscribeToOwnAppointments")
    page.wait_live()
    granted, ended = (family.childs_channel, "granted"), (family.childs_channel, "ended")

    family.grant()
    wait_resyncs(page, granted)
    page.wait_live()
    told = [family.book_for_child(), family.book_own()]
    page.wait_created("own", {"id": told[-1]})
    page.do("cut")
    told += [family.book_for_child(), family.book_own(), family.book_for_child()]
    page.client.wait_for(lambda: len(page.told("own", "created")) >= len(told), "what was booked meanwhile")

    family.end()
    wait_resyncs(page, granted, ended)
    family.book_for_child()
    told.append(family.book_own())
    page.wait_created("own", {"id": told[-1]})
    [subscription] = page.describe()["subscriptions"]
    assert (subscription["channelName"], subscription["channelNames"]) == (family.own_channel, [family.own_channel])

    # Granted and ended again, while nobody can tell it so.
    page.do("point", port=1)
    page.do("cut")
    family.grant()
    told.append(family.book_own())
    page.do("point", port=system.ports[-1])
    wait_resyncs(page, granted, ended, granted, seconds=15.0)
    page.wait_live()
    told.append(family.book_for_child())
    page.wait_created("own", {"id": told[-1]})
    page.do("point", port=1)
    page.do("cut")
    family.end()
    family.book_for_child()
    page.do("point", port=system.ports[0])
    wait_resyncs(page, granted, ended, granted, ended, seconds=15.0)
    page.wait_live()
    told.append(family.book_own())
    page.wait_created("own", {"id": told[-1]})
    assert sorted(row["id"] for row in page.told("own", "created")) == sorted(told)
    assert [record for record in page.client.records if record["kind"] == "error"] == []


def test_who_follows_the_child_alone_is_told_of_the_end(system: System, open_front_end: Open) -> None:
    """With a clear reason; what else the page follows goes on."""
    family = Family.new(system)
    family.grant()
    page = open_front_end(system, family.user["email"], NEW_PASSWORD, hearsResync=True)
    page.subscribe("child", "subscribeToAppointments", family.child, "patient")
    page.subscribe("own", "subscribeToOwnAppointments")
    page.wait_live()
    booked = family.book_for_child()
    for name in ("child", "own"):
        page.wait_created(name, {"id": booked})
    family.end()
    page.client.wait_for_record(
        lambda record: (
            record["kind"] == "error" and (record["name"], record["code"]) == ("child", "subscription-closed")
        ),
        "the end",
        TOLD_WITHIN_SECONDS,
    )
    wait_resyncs(page, (family.childs_channel, "ended"))
    family.book_for_child()
    own = family.book_own()
    page.wait_created("own", {"id": own})
    assert [row["id"] for row in page.told("own", "created")] == [booked, own]
    assert [row["id"] for row in page.told("child", "created")] == [booked]


def test_a_merge_moves_what_a_page_follows(system: System, open_front_end: Open) -> None:
    """All of the account's, and the one record that was named; and back again when the merge is undone."""
    family = Family.new(system)
    record = family.user["patientId"]
    page = open_front_end(system, family.user["email"], NEW_PASSWORD, hearsResync=True)
    page.subscribe("own", "subscribeToOwnAppointments")
    page.subscribe("record", "subscribeToAppointments", record, "patient")
    page.wait_live()
    booked = [family.book_own()]
    page.wait_created("record", {"id": booked[0]})

    desk = system.account("desk")
    merge = desk.done("POST", f"/patients/{record}/merge", {"into": family.child})
    for name in ("own", "record"):
        page.wait_told(name, "deleted", lambda told: told == booked[0])

    def wait_followed(channel: str) -> None:
        wait_until(
            lambda: {each["channelName"] for each in page.describe()["subscriptions"]} == {channel},
            TOLD_WITHIN_SECONDS,
            lambda: f"it does not follow {channel}",
        )
        page.wait_live()

    wait_followed(family.childs_channel)
    booked.append(family.book_own())
    for name in ("own", "record"):
        page.wait_created(name, {"id": booked[-1]})
    desk.done("POST", f"/patients/merges/{merge['id']}/undo", {})
    wait_followed(family.own_channel)
    booked.append(family.book_own())
    for name in ("own", "record"):
        page.wait_created(name, {"id": booked[-1]})
        assert [row["id"] for row in page.told(name, "created")] == booked
    assert [record for record in page.client.records if record["kind"] == "error"] == []
