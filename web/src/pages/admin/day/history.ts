import type { Appointment, components } from "@dental-sync/client";
import { type Range, rangeOf } from "../../../sheet/layout";

type Answer = components["schemas"]["DayChangeAnswer"];

/** One change of an appointment, and who made it. */
export interface DayChange extends Omit<Answer, "before" | "after"> {
  before: Appointment | null;
  after: Appointment | null;
}

/** What is known of a day: its appointments at some position, and all changes from another one on, the oldest first. */
export interface Past {
  items: readonly Appointment[];
  changes: readonly DayChange[];
}

/** The appointments as they were when the log ended at a position, by their start. */
export function dayAt({ items, changes }: Past, day: Range, position: number): Appointment[] {
  const states = new Map<string, Appointment | null>(items.map((each) => [each.id, each]));
  const changed = new Set<string>();
  for (const { appointmentId: id, before, after, ...change } of changes) {
    if (change.position <= position) states.set(id, after);
    // The first change after it says how it was.
    else if (!changed.has(id)) states.set(id, before);
    changed.add(id);
  }
  return [...states.values()].flatMap((each) => within(each, day)).sort(byStart);
}

/** All that was ever shown of a day: each appointment at each of its times. */
export function everOn({ items, changes }: Past, day: Range): Appointment[] {
  const all = [...items, ...changes.flatMap(({ before, after }) => [before, after])];
  return all.flatMap((each) => within(each, day));
}

export function touches(appointment: Appointment, day: Range): boolean {
  const { from, to } = rangeOf(appointment);
  return from < day.to && to > day.from;
}

function within(appointment: Appointment | null, day: Range): Appointment[] {
  return appointment !== null && touches(appointment, day) ? [appointment] : [];
}

/** How many of the changes had happened when the log ended at a position; all of them where none is named. */
export function countAt(changes: readonly DayChange[], position: number | undefined): number {
  if (position === undefined) return changes.length;
  const later = changes.findIndex((each) => each.position > position);
  return later === -1 ? changes.length : later;
}

/** The position after so many of the changes; undefined after the last one, where the day is followed. */
export function positionAt(changes: readonly DayChange[], count: number): number | undefined {
  const next = changes[count];
  return next && (changes[count - 1]?.position ?? next.position - 1);
}

/** What people look at in an appointment, in the order in which it is told. */
const TOLD = [
  "status",
  "time",
  "dentistName",
  "assistantName",
  "chairId",
  "treatmentIds",
  "patientName",
  "confirmation",
  "reason",
  "cancelReason",
  "forced",
  "overbooked",
] as const;

export interface Difference {
  what: (typeof TOLD)[number];
  before: Appointment;
  after: Appointment;
}

/** In what an appointment differs after a change; nothing where it came or went, which is a difference in everything. */
export function differences({ before, after }: Pick<DayChange, "before" | "after">): Difference[] {
  if (before === null || after === null) return [];
  return TOLD.filter((what) => valueOf(before, what) !== valueOf(after, what)).map((what) => ({ what, before, after }));
}

function valueOf(appointment: Appointment, what: Difference["what"]): unknown {
  if (what === "time") return `${appointment.startsAt} ${appointment.endsAt}`;
  const value = appointment[what];
  return Array.isArray(value) ? value.join(" ") : value;
}

function byStart(one: Appointment, other: Appointment): number {
  const key = ({ startsAt, id }: Appointment) => `${startsAt} ${id}`;
  return key(one) < key(other) ? -1 : 1;
}
