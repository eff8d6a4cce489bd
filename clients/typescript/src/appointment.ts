import type { components } from "./wire/events.js";

/** As REST and the events show it. Instants are RFC 3339 in UTC. */
export type Appointment = components["schemas"]["AppointmentAnswer"];

export type AppointmentStatus = Appointment["status"];
