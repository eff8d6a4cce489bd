export type { Account } from "./account.js";
export {
  type AnswerOf,
  Api,
  type ApiOptions,
  type AppointmentList,
  type AppointmentsWanted,
  type Booking,
  type Change,
  type Following,
  type FreeTimes,
  type FreeTimesWanted,
  type Hold,
  type HoldTime,
  type MethodOf,
  type RequestOptions,
} from "./api.js";
export type { Appointment, AppointmentStatus } from "./appointment.js";
export type { Availability } from "./availability.js";
export { type Backoff, backoffMs } from "./backoff.js";
export { newKey } from "./caller.js";
export { ApiError, type Problem, type Slot, StillPending, SyncError, type SyncErrorCode } from "./error.js";
export type { FetchSnapshot, Snapshot } from "./feed.js";
export type { Message, Place } from "./message.js";
export type { CallOptions, ChangeOptions, VersionOptions, WriteOptions } from "./options.js";
export type { RecordChange } from "./record.js";
export { RealtimeSync, type RealtimeSyncOptions, createRealtimeSync, realtimeSyncService } from "./service.js";
export { type Registration, Session, type SessionOptions } from "./session.js";
export { type OpenSocket, type Socket, openSocket } from "./socket.js";
export type { StateListener, SyncState, SyncStatus } from "./state.js";
export { browserStore, memoryStore, type SessionStore } from "./store.js";
export type {
  AppointmentCallbacks,
  AvailabilityCallbacks,
  OwnOptions,
  PracticeCallbacks,
  Resync,
  Since,
  Subscription,
  SubscriptionOptions,
} from "./subscription.js";
export type { GetToken } from "./token.js";
export { VisitorSession, type VisitorSessionOptions } from "./visitor.js";
export type { Operations } from "./wire/operations.js";
export type { components, paths } from "./wire/rest.js";
