"""What front ends get from @dental-sync/client, as it is packed, on the whole system."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dental_sync.local import PROJECT_FOLDER

from .conftest import StartSystem
from .javascript import JsClient, Node, Record
from .rest import Account
from .system import System, wait_until
from .witnesses import NEW_PASSWORD, booking, operate, somebody_new

HERE = Path(__file__).parent
PACKAGE = PROJECT_FOLDER / "client"
DEMO_PASSWORD = "demo-password-1"

# The three samples of the document that front ends were written by, with what they take from elsewhere declared.
SAMPLES = """
import { realtimeSyncService, type Subscription } from "@dental-sync/client";
declare const userId: string, dentistId: string, callback: (payload: any) => void, refetch: () => void;

const callbacks = {
  onAppointmentCreated: (appointment) => { console.log("New appointment:", appointment); },
  onAppointmentUpdated: (appointment) => { console.log("Updated appointment:", appointment); },
  onAppointmentDeleted: (appointmentId) => { console.log("Deleted appointment:", appointmentId); },
  onError: (error) => { console.error("Sync error:", error.code, error.retryable); },
} satisfies Parameters<typeof realtimeSyncService.subscribeToAllAppointments>[0];
realtimeSyncService.configure({ url: "http://localhost:3000", getToken: async () => "token" });
realtimeSyncService.subscribeToAppointments(userId, "patient", callbacks);
realtimeSyncService.subscribeToAppointments(dentistId, "dentist", callbacks);
realtimeSyncService.subscribeToAllAppointments(callbacks);
realtimeSyncService.subscribeToAvailability(dentistId, {
  onAvailabilityChanged: (dentistId, availability) => {
    console.log("Availability changed:", dentistId, availability.change);
  },
});
realtimeSyncService.subscribeToGlobalAvailability({ onAvailabilityChanged: () => refetch() });
const subscriptions: Subscription[] = realtimeSyncService.getActiveSubscriptions();
const count: number = realtimeSyncService.getActiveSubscriptionsCount();
let subscription: any;
subscription = realtimeSyncService.subscribeToAppointments(userId, "patient", {
  onAppointmentCreated: callback,
  onAppointmentUpdated: callback,
  onAppointmentDeleted: callback,
});
realtimeSyncService.unsubscribe(subscription);
realtimeSyncService.unsubscribeAll();
realtimeSyncService.startHeartbeat(30000);
realtimeSyncService.stopHeartbeat();
console.log(subscriptions, count);
"""

README_DECLARES = """
declare const user: { id: string }, myAccessToken: (wish: { fresh: boolean }) => Promise<string>;
declare const refetch: (channelName: string) => void, showState: (status: string, asOf: Date | null) => void;
"""


class FrontEnd:
    """One application with the package; `client.records` has what happened to it."""

    def __init__(self, node: Node, system: System, email: str, password: str, **options: object) -> None:
        self.client: JsClient = node.client()
        self._node = node
        self._calls = itertools.count(1)
        self.do("create", port=system.ports[0], email=email, password=password, **options)
        self.client.wait_for_record(lambda record: record["kind"] == "created", "the front end")

    def do(self, command: str, **more: object) -> None:
        self._node.send({"do": command, "client": self.client.number, **more})

    def subscribe(self, name: str, method: str, *values: object) -> None:
        self.do("subscribe", name=name, method=method, values=values)

    def describe(self) -> Record:
        call = next(self._calls)
        self.do("describe", call=call)
        return self.client.wait_for_record(
            lambda record: record["kind"] == "description" and record["call"] == call, "a description"
        )

    def told(self, name: str, what: str) -> list[Any]:
        """The first value that each callback was given, in order."""
        return [
            record["values"][0]
            for record in self.client.records
            if record["kind"] == "told" and (record["name"], record["what"]) == (name, what)
        ]

    def states(self) -> list[str]:
        return [record["status"] for record in self.client.records if record["kind"] == "state"]

    def wait_live(self, seconds: float = 15.0) -> None:
        self.client.wait_for(lambda: self.states()[-1:] == ["live"], "live", seconds)

    def wait_told(self, name: str, what: str, is_it: Callable[[Any], bool]) -> None:
        self.client.wait_for(lambda: any(map(is_it, self.told(name, what))), f"{name} to be told {what}")


Open = Callable[..., FrontEnd]


@pytest.fixture
def open_front_end(packed: Path) -> Iterator[Open]:
    """Open a front end: `open_front_end(system, email, password)`; all are closed at the end."""
    shutil.copy(HERE / "service.mjs", packed)
    opened: list[FrontEnd] = []
    with Node(packed / "service.mjs") as node:

        def open_one(
            system: System, email: str = "admin@demo.test", password: str = DEMO_PASSWORD, **more: object
        ) -> FrontEnd:
            opened.append(FrontEnd(node, system, email, password, **more))
            return opened[-1]

        yield open_one
        for front_end in opened:
            front_end.do("close")


def test_the_samples_that_front_ends_were_written_by_compile(packed: Path) -> None:
    """The API is the one that is called already, to the letter; so is the README, and CommonJS has it too."""
    [readme] = re.findall(r"```ts\n(.*?)```", (PROJECT_FOLDER / "README.md").read_text(), re.DOTALL)
    (packed / "samples.ts").write_text(SAMPLES)
    (packed / "readme.ts").write_text(README_DECLARES + readme)
    options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom"]
    command = [PACKAGE / "node_modules" / ".bin" / "tsc", *options, "samples.ts", "readme.ts"]
    compiled = subprocess.run(command, cwd=packed, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    script = "console.log(typeof require('@dental-sync/client').realtimeSyncService.subscribeToAppointments)"
    said = subprocess.run(["node", "-e", script], cwd=packed, capture_output=True, text=True, check=True).stdout
    assert said == "function\n"
    assert {path.name for path in (packed / "node_modules/@dental-sync/client").iterdir()} == {"dist", "package.json"}


def test_a_booking_reaches_every_front_end_once(system: System, open_front_end: Open) -> None:
    """The patient by the account's id, the dentist by the dentist's, the admin, and whoever shows what is free."""
    patient, dentist = system.account("patient1"), system.account("dentist1")
    portal = open_front_end(system, "dentist1@demo.test")
    portal.subscribe("own", "subscribeToAppointments", dentist.dentist_id, "dentist")
    website = open_front_end(system, "patient1@demo.test")
    website.subscribe("own", "subscribeToAppointments", patient.user["id"], "patient")
    website.subscribe("free", "subscribeToAvailability", dentist.dentist_id)
    dashboard = open_front_end(system)
    dashboard.subscribe("all", "subscribeToAllAppointments")
    dashboard.subscribe("free", "subscribeToGlobalAvailability")
    for front_end in (portal, website, dashboard):
        front_end.wait_live()
    booked = patient.done("POST", "/appointments", booking(system))
    moved = patient.done("PATCH", f"/appointments/{booked['id']}", {"reason": "It hurts"})
    system.account("admin").done("DELETE", f"/appointments/{booked['id']}")
    for front_end, name in ((portal, "own"), (website, "own"), (dashboard, "all")):
        front_end.wait_told(name, "deleted", lambda appointment_id: appointment_id == booked["id"])
        assert front_end.told(name, "created") == [booked]
        assert front_end.told(name, "updated") == [moved]
        assert front_end.told(name, "deleted") == [booked["id"]]
        assert front_end.states() == ["connecting", "catching-up", "live"]
    for front_end in (website, dashboard):
        front_end.client.wait_for(lambda it=front_end: len(it.told("free", "availability")) > 1, "busy, and free again")
        assert front_end.told("free", "availability") == [dentist.dentist_id] * 2
        assert front_end.told("free", "created") == []
    shown = website.describe()
    assert shown["subscriptions"][0]["channelName"] == f"appointments:patient:{patient.patient_id}"
    assert shown["count"] == 2


def test_a_front_end_that_is_cut_off_again_and_again_has_the_whole_diary(system: System, open_front_end: Open) -> None:
    """Its copy is what a fresh snapshot shows, it was told everything once and in order, in each of its channels."""
    user, patient = somebody_new(system, "patient")
    dentist = system.account("dentist1")
    website = open_front_end(system, user["email"], NEW_PASSWORD)
    website.subscribe("own", "subscribeToAppointments", user["id"], "patient")
    dashboard = open_front_end(system)
    dashboard.subscribe("all", "subscribeToAllAppointments")
    dashboard.subscribe("one", "subscribeToAppointments", dentist.dentist_id, "dentist")
    channels = [(website, "own"), (dashboard, "all"), (dashboard, "one")]
    for front_end in (website, dashboard):
        front_end.wait_live()

    def keep_booking() -> None:
        for number in range(40):
            booked = patient.done("POST", "/appointments", booking(system), web=number % 2)
            if number % 3 == 0:
                patient.done("PATCH", f"/appointments/{booked['id']}", {"reason": f"Reason {number}"})
            if number % 5 == 0:
                patient.done("POST", f"/appointments/{booked['id']}/cancel", {})

    thread = threading.Thread(target=keep_booking)
    thread.start()
    cuts = 0
    while thread.is_alive() or cuts < 5:
        for front_end in (website, dashboard):
            front_end.do("cut")
        cuts += 1
        time.sleep(0.4)
    thread.join()
    for front_end in (website, dashboard):
        assert front_end.states().count("offline") >= 5
        front_end.wait_live()
    rows = patient.get("/appointments?limit=200")["items"]
    assert len(rows) == 40
    snapshot = {row["id"]: row for row in rows}
    for front_end, name in channels:

        def copy(front_end: FrontEnd = front_end, name: str = name) -> dict[str, Any]:
            mine = [*front_end.told(name, "created"), *front_end.told(name, "updated")]
            newest = sorted(
                (row for row in mine if row["patientId"] == patient.patient_id), key=lambda row: row["version"]
            )
            return {row["id"]: row for row in newest}

        front_end.client.wait_for(lambda copy=copy: copy() == snapshot, f"the whole diary in {name}")
        told = [
            (record["what"], record["values"][0]["id"], record["values"][0]["version"])
            for record in front_end.client.records
            if record["kind"] == "told" and record["name"] == name
        ]
        assert len(told) == len(set(told))
        created = [appointment_id for what, appointment_id, _version in told if what == "created"]
        assert created == sorted(created, key=lambda appointment_id: snapshot[appointment_id]["createdAt"])
        for appointment_id in snapshot:
            versions = [version for _what, told_id, version in told if told_id == appointment_id]
            assert versions == sorted(versions)


def test_a_token_is_renewed_before_anybody_notices(start_system: StartSystem, open_front_end: Open) -> None:
    """With tokens that live for five seconds a front end is live for thirteen without a break."""
    system = start_system(ACCESS_TOKEN_SECONDS="5")
    portal = open_front_end(system, "dentist1@demo.test")
    dentist = Account.sign_in(system.ports, "dentist1@demo.test", "demo-password-1")
    portal.subscribe("own", "subscribeToAppointments", dentist.dentist_id, "dentist")
    portal.wait_live()
    time.sleep(13)
    patient = Account.sign_in(system.ports, "patient1@demo.test", "demo-password-1")
    booked = patient.done("POST", "/appointments", system.opening().with_dentist(dentist.dentist_id))
    portal.wait_told("own", "created", lambda appointment: appointment["id"] == booked["id"])
    assert portal.states() == ["connecting", "catching-up", "live"]
    tokens = [record["fresh"] for record in portal.client.records if record["kind"] == "token"]
    assert tokens[0] is False
    assert len(tokens) > 2
    assert all(tokens[1:])


def test_an_expired_token_costs_one_more_attempt(start_system: StartSystem, open_front_end: Open) -> None:
    """A laptop that was asleep comes back with a token that has expired; a fresh one is fetched, and all is well."""
    system = start_system(ACCESS_TOKEN_SECONDS="2")
    portal = open_front_end(system, "dentist1@demo.test")
    portal.subscribe("free", "subscribeToGlobalAvailability")
    portal.wait_live()
    portal.do("unsubscribe", name="free")
    portal.client.wait_for(lambda: portal.states()[-1:] == ["closed"], "the connection to be given up")
    time.sleep(3)
    portal.client.forget()
    portal.subscribe("free", "subscribeToGlobalAvailability")
    portal.wait_live()
    assert portal.states() == ["connecting", "offline", "catching-up", "live"]
    assert [record["error"] for record in portal.client.records if record["kind"] == "state"][1] == "token-expired"


def test_whoever_is_signed_out_is_told_and_stays_out(system: System, open_front_end: Open) -> None:
    """The subscription ends with an error, the state is closed and says why, and nobody tries again."""
    user, _account = somebody_new(system, "patient")
    website = open_front_end(system, user["email"], NEW_PASSWORD)
    website.subscribe("own", "subscribeToAppointments", user["id"], "patient")
    website.wait_live()
    system.account("admin").done("PATCH", f"/users/{user['id']}", {"active": False})
    website.client.wait_for(lambda: website.states()[-1:] == ["closed"], "the end")
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


def test_two_hundred_rounds_leave_nothing_behind(system: System, open_front_end: Open) -> None:
    """Neither listeners nor subscriptions, here or on the server; and whoever subscribes then hears a booking once."""
    user, patient = somebody_new(system, "patient")
    website = open_front_end(system, user["email"], NEW_PASSWORD, countsListeners=True)
    website.subscribe("free", "subscribeToGlobalAvailability")
    website.wait_live()
    before = website.describe()
    assert before["listeners"][0] > 5
    website.do("rounds", count=200, method="subscribeToAppointments", values=[user["id"], "patient"])
    website.client.wait_for_record(lambda record: record["kind"] == "rounds", "200 rounds")
    after = website.describe()
    assert (after["count"], after["listeners"]) == (1, before["listeners"])
    wait_until(
        lambda: [each["channelName"] for each in patient.get("/sync/status")["subscriptions"]] == ["availability:all"],
        10,
        lambda: f"the server still has {patient.get('/sync/status')['subscriptions']}",
    )
    website.subscribe("own", "subscribeToAppointments", user["id"], "patient")
    website.wait_live()
    booked = patient.done("POST", "/appointments", booking(system))
    website.wait_told("own", "created", lambda appointment: appointment["id"] == booked["id"])
    assert website.told("own", "created") == [booked]
    assert website.told("a round", "created") == []
    assert not [record for record in website.client.records if record["kind"] == "error"]


def test_another_log_is_answered_with_a_snapshot(sturdy: System, open_front_end: Open) -> None:
    """After a dump was restored a front end has the snapshot, goes on from it, and is live again."""
    system = sturdy
    user, patient = somebody_new(system, "patient")
    website = open_front_end(system, user["email"], NEW_PASSWORD, withSnapshots=True)
    website.subscribe("own", "subscribeToAppointments", user["id"], "patient")
    website.wait_live()
    first = patient.done("POST", "/appointments", booking(system))
    website.wait_told("own", "created", lambda appointment: appointment["id"] == first["id"])
    operate(system, "dental_sync.cli", "new-epoch")
    resync = website.client.wait_for_record(lambda record: record["kind"] == "resync", "a snapshot")
    assert resync["channelName"] == f"appointments:patient:{patient.patient_id}"
    assert [row["id"] for row in resync["snapshot"]["items"]] == [first["id"]]
    website.wait_live()
    second = patient.done("POST", "/appointments", booking(system))
    website.wait_told("own", "created", lambda appointment: appointment["id"] == second["id"])
    assert [appointment["id"] for appointment in website.told("own", "created")] == [first["id"], second["id"]]
