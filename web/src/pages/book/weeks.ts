import type { Slot } from "@dental-sync/client";
import { dateOf, shifted, span } from "../../shared/times";

const DAYS = 7;
const WEEK_MS = DAYS * 24 * 3_600_000;

/** Seven days, of those that follow each other from today on: the ones among which a date is. */
export function weekOf(date: string | undefined, today: string): string[] {
  const ahead = date === undefined ? 0 : (Date.parse(date) - Date.parse(today)) / (WEEK_MS / DAYS);
  const first = shifted(today, Math.max(0, Math.floor(ahead / DAYS)) * DAYS);
  return Array.from({ length: DAYS }, (_, day) => shifted(first, day));
}

/** The instants between which such days lie in a zone, seven times 24 hours at most: visitors are not told of more at once. */
export function spanOf(days: string[], zone: string): { from: string; to: string } {
  const { from } = span(days[0] as string, zone);
  const { to } = span(days[days.length - 1] as string, zone);
  return { from, to: new Date(Math.min(Date.parse(to), Date.parse(from) + WEEK_MS)).toISOString() };
}

/** Each time once, with that dentist who comes first in the order. */
export function offered(slots: Slot[], order: string[]): Slot[] {
  const first = new Map<string, Slot>();
  for (const slot of slots) {
    const other = first.get(slot.startsAt);
    if (other === undefined || order.indexOf(slot.dentistId) < order.indexOf(other.dentistId)) first.set(slot.startsAt, slot);
  }
  return inOrder([...first.values()]);
}

export function inOrder(slots: Slot[]): Slot[] {
  return [...slots].sort((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt));
}

/** Those that lie on a date in a zone. */
export function on(date: string, slots: Slot[], zone: string): Slot[] {
  return slots.filter(({ startsAt }) => dateOf(startsAt, zone) === date);
}

/** What was there and is no more. */
export function missing(before: Slot[], after: Slot[]): Slot[] {
  const still = new Set(after.map(({ startsAt }) => startsAt));
  return before.filter(({ startsAt }) => !still.has(startsAt));
}

/** The few that are nearest to an instant, in order. */
export function nearest(slots: Slot[], instant: string, most: number): Slot[] {
  const apart = ({ startsAt }: Slot) => Math.abs(Date.parse(startsAt) - Date.parse(instant));
  return inOrder([...slots].sort((one, other) => apart(one) - apart(other)).slice(0, most));
}
