import type { Appointment } from "./appointment.js";
import type { Availability } from "./availability.js";

/** One row of the server's log. */
interface Row {
  position: number;
  epoch: string;
  occurredAt: string;
  channels: string[];
}

export type Message =
  | ({ type: "appointment:created"; appointment: Appointment } & Row)
  | ({ type: "appointment:updated"; appointment: Appointment; previous: Partial<Appointment> } & Row)
  | ({ type: "appointment:deleted"; appointmentId: string } & Row)
  | ({ type: "availability:changed"; dentistId: string | null; availability: Availability } & Row);

export const MESSAGE_TYPES = [
  "appointment:created",
  "appointment:updated",
  "appointment:deleted",
  "availability:changed",
] as const satisfies readonly Message["type"][];

/** A place in the log. */
export interface Place {
  position: number;
  epoch: string;
}

export interface Ready extends Place {
  connectionId: string;
  expiresAt: string;
  heartbeatSeconds: number;
}

export interface Refused {
  ok: false;
  error: { code: string; detail?: string };
}

export interface Subscribed extends Place {
  ok: true;
  subscription: { id: string; channelName: string; active: boolean; createdAt: string };
  replayed: number;
  resync: boolean;
}

export interface Beat extends Place {
  ok?: true;
  timestamp: string;
}
