import type { ClientEvents, ServerEvents } from "./wire/events.js";

type LogEvent = {
  [Event in keyof ServerEvents]: ServerEvents[Event] extends { channels: string[] } ? Event : never;
}[keyof ServerEvents];

/** One row of the server's log. */
export type Message = { [Type in LogEvent]: { type: Type } & ServerEvents[Type] }[LogEvent];

export const MESSAGE_TYPES = [
  "appointment:created",
  "appointment:updated",
  "appointment:deleted",
  "availability:changed",
] as const satisfies readonly LogEvent[];

/** A place in the log, as every snapshot has one. */
export type Place = Pick<ServerEvents["heartbeat"], "position" | "epoch">;

export type Subscribed = Extract<ClientEvents["subscribe"]["answer"], { ok: true }>;
