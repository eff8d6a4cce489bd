export type { Account } from "./account.js";
export {
  Api,
  type ApiOptions,
  type AppointmentList,
  type AppointmentsWanted,
  type Booking,
  type CallOptions,
  type Change,
  type ChangeOptions,
  type FreeTimes,
  type FreeTimesWanted,
  type Hold,
  type HoldTime,
  type WriteOptions,
} from "./api.js";
export type { Appointment, AppointmentStatus } from "./appointment.js";
export type { Availability } from "./availability.js";
export { type Backoff, backoffMs } from "./backoff.js";
export { ApiError, type Problem, type Slot, SyncError, type SyncErrorCode } from "./error.js";
export type { FetchSnapshot, Snapshot } from "./feed.js";
export type { Message, Place } from "./message.js";
export { RealtimeSync, type RealtimeSyncOptions, createRealtimeSync, realtimeSyncService } from "./service.js";
export { type Registration, Session, type SessionOptions } from "./session.js";
export type { StateListener, SyncState, SyncStatus } from "./state.js";
export { browserStore, memoryStore, type SessionStore } from "./store.js";
export type {
  AppointmentCallbacks,
  AvailabilityCallbacks,
  Resync,
  Subscription,
  SubscriptionOptions,
} from "./subscription.js";
export type { GetToken } from "./token.js";
