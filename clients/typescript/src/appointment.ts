import type { components } from "./wire/events.js";

/** As REST and the events show it. Instants are RFC 3339 in UTC. */
export type Appointment = components["schemas"]["AppointmentAnswer"];

export type AppointmentStatus = Appointment["status"];

/** What an appointment says that was told or stored by a release which knew nothing of it. */
const ADDED = {
  overbooked: false,
  forced: false,
  assistantId: null,
  assistantName: null,
  seriesId: null,
  arrivedAt: null,
  checkedInAt: null,
} satisfies Partial<Appointment>;

type Older = Omit<Appointment, keyof typeof ADDED | "treatmentIds"> & Partial<Appointment>;

/** The appointment with every member, as the newest release tells it. */
export function inFull(appointment: Older): Appointment {
  const treatmentIds = appointment.treatmentId ? [appointment.treatmentId] : [];
  // In the order in which it was told, with what is missing at the end.
  return { ...appointment, ...ADDED, treatmentIds, ...appointment };
}
