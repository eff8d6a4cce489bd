"""The samples that front ends were written by compile and run; so does what the documents show."""

from __future__ import annotations

import re
import subprocess
import threading
from pathlib import Path

import pytest

from ..program import program
from ..readmes import samples
from ..samples import compile_strictly, write_samples
from ..system import System, wait_until
from ..witnesses import NEW_PASSWORD, booking, somebody_new

# Where the samples are pasted: somebody is signed in, and what they name is there.
APPLICATION = """
import { createInterface } from "node:readline";
import { Session, realtimeSyncService } from "@dental-sync/client";
const [url, email, password, userId, dentistId] = process.argv.slice(2);
const session = new Session({ url });
await session.signIn(email, password);
realtimeSyncService.configure({ url, getToken: session.getToken });
const say = (what) => (...values) => console.log(what, JSON.stringify(values));
const callbacks = { onAppointmentCreated: say("all"), onAvailabilityChanged: say("global") };
Object.assign(globalThis, { userId, dentistId, callbacks });
realtimeSyncService.onStateChange(({ status }) => console.log("state", status));
const names = ["patient", "dentist", "admin", "availability", "chatbot", "heartbeat"];
for (const name of names) await import(`./${name}.js`);
for await (const line of createInterface({ input: process.stdin })) {
  const { subscriptions, count } = await import("./active.js");
  console.log("count", count, subscriptions.map(({ channelName }) => channelName).join(" "));
  globalThis.subscription = subscriptions[0];
  await import("./unsubscribe.js");
  console.log("left", realtimeSyncService.getActiveSubscriptionsCount());
  realtimeSyncService.close();
  break;
}
"""


def test_the_samples_that_front_ends_were_written_by_compile(packed: Path) -> None:
    """The API is the one that is called already, to the letter; the CommonJS build has it too."""
    folder = packed / "samples"
    folder.mkdir()
    compile_strictly(folder, *write_samples(folder), "globals.d.ts")
    script = (
        "const { realtimeSyncService } = require('@dental-sync/client');"
        "const { useAppointments } = require('@dental-sync/client/react');"
        "console.log(typeof realtimeSyncService.subscribeToAppointments, typeof useAppointments)"
    )
    said = subprocess.run(["node", "-e", script], cwd=packed, capture_output=True, text=True, check=True).stdout
    assert said == "function function\n"


@pytest.mark.parametrize("readme", ["README.md", "clients/typescript/README.md"])
def test_what_the_readmes_show_runs_in_node(readme: str, system: System, packed: Path) -> None:
    """As a file of its own, by `node follow.mjs`: it is live, tells what happens, and finds a time to book."""
    [sample] = samples(readme, "ts")
    folder = packed / readme.replace("/", "-")
    folder.mkdir()
    (folder / "follow.mjs").write_text(sample.at(system))
    patient = system.account("patient1")
    with program(["node", "follow.mjs"], folder) as following:
        following.wait_said("live")
        booked = patient.done("POST", "/appointments", booking(system))
        following.wait_said("New appointment:")
        patient.done("POST", f"/appointments/{booked['id']}/cancel", {})
        following.wait_said("Updated appointment:")
        if "api.book" in sample.text:
            following.wait_said("Booked:")
        assert following.process.poll() is None, following.said()
    assert following.complained() == ""


def test_the_samples_that_front_ends_were_written_by_run(system: System, packed: Path) -> None:
    """Pasted into an application of an admin's they tell of a booking; and then they leave, every one of them."""
    folder = packed / "running"
    folder.mkdir()
    for name in write_samples(folder):
        if name.endswith(".ts") and "import { useEffect }" not in (folder / name).read_text():
            # Nothing in them is TypeScript alone.
            (folder / name).rename((folder / name).with_suffix(".js"))
    (folder / "application.mjs").write_text(APPLICATION)
    user, patient = somebody_new(system, "patient")
    new_admin, _ = somebody_new(system, "admin")
    dentist_id = system.account("dentist1").dentist_id
    command = [
        "node",
        "application.mjs",
        system.url(),
        new_admin["email"],
        NEW_PASSWORD,
        patient.patient_id,
        dentist_id,
    ]
    said: list[str] = []
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as application:
        assert application.stdin is not None
        assert application.stdout is not None
        reader = threading.Thread(target=said.extend, args=[application.stdout], daemon=True)
        reader.start()

        def wait_said(what: str, times: int = 1) -> None:
            wait_until(lambda: "".join(said).count(what) >= times, 20, lambda: f"not said: {what} in {said}")

        try:
            wait_said("state live")
            booked = patient.done("POST", "/appointments", booking(system))
            # The patient's and the dentist's, by the samples' own callbacks; the admin's and everybody's by the others.
            wait_said("New appointment:")
            wait_said(f'all [{{"id":"{booked["id"]}"', times=2)
            wait_said("Availability changed:")
            # The order of the members is another one where the message came from the log.
            busy = re.compile(rf'global \["{dentist_id}",{{.*"change":"busy"')
            wait_until(lambda: busy.search("".join(said)) is not None, 20, lambda: f"nobody was told: {said}")
            patient.done("PATCH", f"/appointments/{booked['id']}", {"reason": "It hurts"})
            wait_said("Updated appointment:")
            system.account("admin").done("DELETE", f"/appointments/{booked['id']}")
            wait_said(f"Deleted appointment: {booked['id']}")
        finally:
            application.stdin.write("leave\n")
            application.stdin.close()
            wait_until(lambda: application.poll() is not None, 20, lambda: f"it did not leave: {said}")
            reader.join()
    text = "".join(said)
    assert "count 5 " in text
    assert "left 0\n" in text
    assert application.returncode == 0
    assert "Sync error" not in text
    assert user["patientId"] == patient.patient_id
