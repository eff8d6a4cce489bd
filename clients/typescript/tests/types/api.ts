// Compiled only: what must not compile is marked, and a mark without an error is an error itself.
import {
  type Subscription,
  type SyncState,
  type SyncStatus,
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
