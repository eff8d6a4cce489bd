import { inFull } from "./appointment.js";
import type { ClientEvents, MESSAGE_TYPES, ServerEvents } from "./wire/events.js";

type LogEvent = (typeof MESSAGE_TYPES)[number];

/** One row of the server's log. */
export type Message = { [Type in LogEvent]: { type: Type } & ServerEvents[Type] }[LogEvent];

/** A message as the newest release tells it: one that an older release has stored lacks what was added since. */
export function asToldNow(message: Message): Message {
  return "appointment" in message ? { ...message, appointment: inFull(message.appointment) } : message;
}

/** A place in the log, as every snapshot has one. */
export type Place = Pick<ServerEvents["heartbeat"], "position" | "epoch">;

export type Subscribed = Extract<ClientEvents["subscribe"]["answer"], { ok: true }>;
