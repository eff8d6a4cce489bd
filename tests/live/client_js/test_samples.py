"""What was written for the package already compiles against it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from dental_sync.local import PROJECT_FOLDER

PACKAGE = PROJECT_FOLDER / "client"

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
