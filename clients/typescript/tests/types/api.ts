// Compiled only: what must not compile is marked, and a mark without an error is an error itself.
import {
  type Subscription,
  type SyncState,
  type SyncStatus,
  Api,
  Session,
  createRealtimeSync,
  realtimeSyncService,
} from "../../dist/esm/index.js";

const subscription: Subscription = realtimeSyncService.subscribeToAppointments("id", "patient", {
  onAppointmentUpdated: (appointment, previous) => {
    const version: number = appointment.version;
    const status: string | undefined = previous.status;
    return [version, status];
  },
});
const status: SyncStatus = subscription.state.status;
const stop: () => void = subscription.onStateChange((state: SyncState) => console.log(state.asOf?.getTime(), status));
stop();
subscription.unsubscribe();
realtimeSyncService.unsubscribe(subscription);
{
  using scoped = realtimeSyncService.subscribeToGlobalAvailability({});
  console.log(scoped.active);
}

const channelNames: readonly string[] = subscription.channelNames;
const since = { position: 1, epoch: "e", patients: ["p"] };
realtimeSyncService.subscribeToOwnAppointments({ onResync: ({ reason }) => console.log(reason, channelNames) }, { since, patientId: "p" });
// @ts-expect-error all appointments are of no patient in particular
realtimeSyncService.subscribeToAllAppointments({}, { patientId: "p" });
// @ts-expect-error patients are named by their ids
realtimeSyncService.subscribeToOwnAppointments({}, { since: { ...since, patients: [{ id: "p" }] } });

// @ts-expect-error a role that has no channel
realtimeSyncService.subscribeToAppointments("id", "chatbot", {});
// @ts-expect-error a callback of the other kind of channel
realtimeSyncService.subscribeToAvailability("id", { onAppointmentCreated: () => {} });
// @ts-expect-error a place has its log's epoch
realtimeSyncService.subscribeToAllAppointments({}, { since: { position: 1 } });
// @ts-expect-error getToken is required
createRealtimeSync({ url: "http://dental.test" });
// @ts-expect-error milliseconds are a number
createRealtimeSync({ url: "http://dental.test", getToken: () => "token", lingerMs: "5s" });
// @ts-expect-error the state is read only
subscription.state.status = "live";
// @ts-expect-error whether it is active is read only
subscription.active = false;
// @ts-expect-error there is no such status
subscription.onStateChange(({ status }) => status === "open");
// @ts-expect-error what the library keeps for itself is no part of a subscription
subscription.deliver({});

// Every operation is a method, and `request` takes each address of the description.
const session = new Session({ url: "http://dental.test" });
const api = new Api({ url: "http://dental.test", getToken: session.getToken });
const token: Promise<string> = session.getToken();
const found: Promise<{ id: string; name: string }[]> = api.listPatients({ q: "Mia" }).then(({ items }) => items);
const practice: Promise<string> = api.request("GET", "/api/practice").then(({ timeZone }) => timeZone);
const treatment: Promise<number> = api
  .request("PATCH", "/api/treatments/{treatmentId}", { path: { treatmentId: "t" }, body: { durationMinutes: 30 } })
  .then(({ durationMinutes }) => durationMinutes);
const gone: Promise<void> = api.request("DELETE", "/api/chairs/{chairId}", { path: { chairId: "c" } });
const mailed: Promise<void> = api.request("POST", "/api/auth/forgotten", { body: { email: "mia@example.test" } });
const booked: Promise<string> = api
  .request("POST", "/api/appointments", { body: { dentistId: "d", startsAt: "" }, idempotencyKey: "k" })
  .then(({ status }) => status);
console.log(token, found, practice, treatment, gone, mailed, booked);

// @ts-expect-error there is no such address
api.request("GET", "/api/patient");
// @ts-expect-error nor such a method of it
api.request("DELETE", "/api/practice");
// @ts-expect-error the id in the address is required
api.request("GET", "/api/patients/{patientId}");
// @ts-expect-error so is a body
api.request("POST", "/api/patients");
// @ts-expect-error a patient has no such member
api.addPatient({ name: "Mia", shoeSize: 38 });
// @ts-expect-error reading takes no key
api.listPatients({}, { idempotencyKey: "k" });
