import type { Appointment, Change } from "@dental-sync/client";
import type { ShownAppointment } from "@dental-sync/client/react";
import type { SheetColumn } from "./columns";
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

/** What moving has to know of a sheet. */
export interface Grid {
  /** In minutes. */
  step: number;
  columns: readonly SheetColumn[];
}

const MOVABLE = new Set<string>(["pending", "booked", "arrived", "checked-in"]);

/** Whether the service might let it be moved; what waits for an answer is not moved on. */
export function isMovable({ status, pendingWrite }: ShownAppointment): boolean {
  return MOVABLE.has(status) && pendingWrite === undefined;
}

export function pickUp(appointment: Appointment, column: number, mode: Held["mode"], by: Held["by"]): Held {
  return { appointment, mode, by, column, ...rangeOf(appointment) };
}

/** Where it is when what was grabbed of it has come to a spot; `grabbed` is how far that is from its start. */
export function carried(held: Held, { column, time }: Spot, grabbed: number, { columns, step }: Grid): Held {
  const there = columns[column]?.frame;
  const own = columns[held.column]?.frame;
  if (there === undefined || own === undefined) return held;
  // As high in its own column, where the pointer has come to another day's.
  if (held.mode === "resize") return { ...held, ...resizedTo(held, time - there.from + own.from, own, step) };
  return { ...held, column, ...movedTo(held, time - grabbed, there, step) };
}

/** Where an arrow takes it; with Shift up and down change its end. */
export function nudged(held: Held, key: string, isShifted: boolean, { columns, step }: Grid): Held | null {
  const frame = columns[held.column]?.frame;
  if (frame === undefined) return null;
  const by = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (by !== undefined) {
    const change = by * step * MINUTE_MS;
    if (isShifted) return { ...held, ...resizedTo(held, held.to + change, frame, step) };
    return { ...held, ...movedTo(held, held.from + change, frame, step) };
  }
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (aside === undefined) return null;
  const next = columns[held.column + aside]?.frame;
  if (next === undefined) return held;
  // The same time of day, where the next column is another day.
  const later = next.from - frame.from;
  return { ...held, column: held.column + aside, from: held.from + later, to: held.to + later };
}

/** What has to be asked for so that it stays where it is held; null where nothing has changed. */
export function changeOf({ appointment, from, to, column }: Held, { columns }: Grid): Change | null {
  const before = rangeOf(appointment);
  const { dentistId, chairId } = columns[column]?.place ?? {};
  const change: Change = {
    ...(from !== before.from && { startsAt: new Date(from).toISOString() }),
    // A new start alone keeps the length.
    ...(to - from !== before.to - before.from && { endsAt: new Date(to).toISOString() }),
    ...(dentistId !== undefined && dentistId !== appointment.dentistId && { dentistId }),
    ...(chairId !== undefined && chairId !== appointment.chairId && { chairId }),
  };
  return Object.keys(change).length > 0 ? change : null;
}
