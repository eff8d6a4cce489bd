import { parseDate } from "@internationalized/date";
import type { components } from "@dental-sync/client";

/** How often a caller is to come, as the API has it. */
export type Repetition = Pick<components["schemas"]["Series"], "every" | "count"> & { whenTaken: "skip" | "refuse" };
export type Unit = Repetition["every"]["unit"];

/** What has become of a series that was booked. */
export interface SeriesOutcome {
  patientId: string;
  patientName: string;
  booked: number;
  refused: components["schemas"]["TimeRefused"][];
}

export const MOST = 60;
const LONGEST = 365;

/** What somebody means who chooses a unit: once a week for six weeks, and so on. */
export function usual(unit: Unit): Repetition {
  return { every: { unit, n: 1 }, count: 6, whenTaken: "skip" };
}

/** Whether the API takes these numbers. */
export function isPossible({ every: { n }, count }: Repetition): boolean {
  return isWithin(n, 1, LONGEST) && isWithin(count, 2, MOST);
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** The date of the last one; a 31st becomes the last day of a shorter month. */
export function lastOf(first: string, { every: { unit, n }, count }: Repetition): string {
  return parseDate(first)
    .add({ [`${unit}s`]: n * (count - 1) })
    .toString();
}
