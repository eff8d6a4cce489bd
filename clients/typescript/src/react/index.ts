export { type AppointmentsShown, type BookOptions, useAppointments } from "./appointments.js";
export type { ShownAppointment } from "./write.js";
export { type FreeTimesShown, useAvailability } from "./availability.js";
export type { Followed } from "./followed.js";
export { DentalSyncProvider, useDentalSync } from "./context.js";
export { type RealtimePayloads, useRealtimeSync } from "./realtime.js";
export { useSyncStatus } from "./status.js";
