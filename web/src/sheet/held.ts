import type { Appointment, Change } from "@dental-sync/client";
import type { ShownAppointment } from "@dental-sync/client/react";
import { MINUTE_MS, type Range, movedTo, rangeOf, resizedTo } from "./layout";

/** An appointment that somebody is moving, as it was when it was picked up, and where it would go. */
export interface Held extends Range {
  appointment: Appointment;
  mode: "move" | "resize";
  by: "pointer" | "keys";
  column: number;
}

/** A place on the sheet. */
export interface Spot {
  column: number;
  time: number;
}

export interface Grid {
  frame: Range;
  step: number;
  /** Who has the columns, by id. */
  dentistIds: readonly string[];
}

const MOVABLE = new Set<string>(["pending", "booked", "arrived", "checked-in"]);

/** Whether the service might let it be moved; what waits for an answer is not moved on. */
export function isMovable({ status, pendingWrite }: ShownAppointment): boolean {
  return MOVABLE.has(status) && pendingWrite === undefined;
}

export function pickUp(appointment: Appointment, mode: Held["mode"], by: Held["by"], { dentistIds }: Grid): Held {
  return { appointment, mode, by, column: dentistIds.indexOf(appointment.dentistId), ...rangeOf(appointment) };
}

/** Where it is when what was grabbed of it has come to a spot; `grabbed` is how far that is from its start. */
export function carried(held: Held, { column, time }: Spot, grabbed: number, { frame, step }: Grid): Held {
  if (held.mode === "resize") return { ...held, ...resizedTo(held, time, frame, step) };
  return { ...held, column, ...movedTo(held, time - grabbed, frame, step) };
}

/** Where an arrow takes it; with Shift up and down change its end. */
export function nudged(held: Held, key: string, isShifted: boolean, { frame, step, dentistIds }: Grid): Held | null {
  const by = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (by !== undefined) {
    const change = by * step * MINUTE_MS;
    if (isShifted) return { ...held, ...resizedTo(held, held.to + change, frame, step) };
    return { ...held, ...movedTo(held, held.from + change, frame, step) };
  }
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (aside === undefined) return null;
  return { ...held, column: Math.min(Math.max(held.column + aside, 0), dentistIds.length - 1) };
}

/** What has to be asked for so that it stays where it is held; null where nothing has changed. */
export function changeOf({ appointment, from, to, column }: Held, { dentistIds }: Grid): Change | null {
  const before = rangeOf(appointment);
  const dentistId = dentistIds[column];
  const change: Change = {
    ...(from !== before.from && { startsAt: new Date(from).toISOString() }),
    // A new start alone keeps the length.
    ...(to - from !== before.to - before.from && { endsAt: new Date(to).toISOString() }),
    ...(dentistId !== undefined && dentistId !== appointment.dentistId && { dentistId }),
  };
  return Object.keys(change).length > 0 ? change : null;
}
