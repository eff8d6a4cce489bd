import type { Appointment } from "@dental-sync/client";
import type { KeyboardEvent, RefObject } from "react";
import type { Carrying } from "./carrying";
import type { Found } from "./gestures";
import { type Grid, type Held, type Spot, isMovable, nudged, pickUp } from "./held";
import { MINUTE_MS } from "./layout";

interface Keys {
  area: RefObject<HTMLElement | null>;
  grid: Grid;
  carrying: Carrying;
  cursor: Spot;
  canMove: boolean;
  find: (id: string) => Found | undefined;
  /** The appointments of each column, in order. */
  appointments: readonly (readonly Appointment[])[];
  onHold: (held: Held | null) => void;
  onDrop: (held: Held) => void;
  onCursor: (spot: Spot) => void;
  onPick: (spot: Spot) => void;
  onChoose: (id: string) => void;
  onDetails: () => void;
}

/** What keys do on the sheet; arrows go from one appointment to the next, or carry the one that is picked up. */
export function useKeys(keys: Keys): (event: KeyboardEvent) => void {
  return (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const done =
      target.dataset["cursor"] !== undefined
        ? atCursor(event.key, keys)
        : atAppointment(event, keys.find(target.dataset["appointmentId"] ?? ""), keys);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  };
}

function isPress(key: string): boolean {
  return key === "Enter" || key === " ";
}

function atCursor(key: string, { cursor, grid, onCursor, onPick }: Keys): boolean {
  if (isPress(key)) {
    onPick(cursor);
    return true;
  }
  const [aside, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  if (aside === 0 && down === 0) return false;
  const column = Math.min(Math.max(cursor.column + (aside ?? 0), 0), grid.columns.length - 1);
  const [here, there] = [grid.columns[cursor.column]?.frame, grid.columns[column]?.frame];
  if (here === undefined || there === undefined) return false;
  const step = grid.step * MINUTE_MS;
  const time = cursor.time - here.from + there.from + (down ?? 0) * step;
  onCursor({ column, time: Math.min(Math.max(time, there.from), there.to - step) });
  return true;
}

function atAppointment({ key, shiftKey }: KeyboardEvent, found: Found | undefined, keys: Keys): boolean {
  if (found === undefined) return false;
  const { appointment, column } = found;
  const held = keys.carrying.get();
  const { grid, canMove, onHold, onDrop, onChoose, onDetails } = keys;
  if (held !== null) {
    if (held.by !== "keys") return false;
    if (key === "Tab") onHold(null);
    else if (key === "Escape") onHold(null);
    else if (isPress(key)) onDrop(held);
    else {
      const next = nudged(held, key, shiftKey, grid);
      if (next !== null) onHold(next);
      return next !== null;
    }
    return key !== "Tab";
  }
  if (isPress(key)) {
    if (canMove && isMovable(appointment)) onHold(pickUp(appointment, column, "move", "keys"));
    else onChoose(appointment.id);
    return true;
  }
  if (key === "d" || key === "D") {
    onChoose(appointment.id);
    onDetails();
    return true;
  }
  const next = neighbour(key, found, keys);
  if (next === undefined) return false;
  keys.area.current?.querySelector<HTMLElement>(`[data-appointment-id="${next.id}"]`)?.focus();
  return true;
}

function neighbour(
  key: string,
  { appointment, column }: Found,
  { appointments, grid }: Keys,
): Appointment | undefined {
  const down = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (down !== undefined) {
    const own = appointments[column] ?? [];
    return own[own.findIndex(({ id }) => id === appointment.id) + down];
  }
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (aside === undefined) return undefined;
  // By the height, for the next column may be another day.
  const height = (at: number, { startsAt }: Appointment) => Date.parse(startsAt) - (grid.columns[at]?.frame.from ?? 0);
  const far = (each: Appointment) => Math.abs(height(column + aside, each) - height(column, appointment));
  return [...(appointments[column + aside] ?? [])].sort((a, b) => far(a) - far(b))[0];
}
