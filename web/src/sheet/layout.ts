import type { Dentist } from "./ground";
import { CalendarDateTime, parseDate, parseTime, toZoned } from "@internationalized/date";

export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** `[from, to)`, in milliseconds since 1970. */
export interface Range {
  from: number;
  to: number;
}

export function rangeOf({ startsAt, endsAt }: { startsAt: string; endsAt: string }): Range {
  return { from: Date.parse(startsAt), to: Date.parse(endsAt) };
}

const FREED = new Set<string>(["cancelled", "noshow"]);

/** Whether an appointment leaves its time to others. */
export function isFreed({ status }: { status: string }): boolean {
  return FREED.has(status);
}

export function minutes(ms: number): number {
  return Math.round(ms / MINUTE_MS);
}

/**
 * What a sheet shows of a day: everything that is open or taken, in whole hours since the day began. A day is as long as
 * it is in its zone, and a sheet as long as what it shows: where the clocks change an hour is missing or there twice.
 */
export function frameOf(day: Range, used: readonly Range[]): Range {
  const within = used.filter(({ from, to }) => from < day.to && to > day.from);
  const first = Math.max(day.from, Math.min(day.from + 8 * HOUR_MS, ...within.map(({ from }) => from)));
  const last = Math.min(day.to, Math.max(day.from + 17 * HOUR_MS, ...within.map(({ to }) => to)));
  const hours = (ms: number, round: (value: number) => number) => round((ms - day.from) / HOUR_MS) * HOUR_MS;
  return {
    from: day.from + hours(first, Math.floor),
    to: Math.min(day.to, day.from + hours(last, Math.ceil)),
  };
}

/** How long the longest column is, in milliseconds: where the clocks change a day is an hour longer or shorter than others. */
export function longest(columns: readonly { frame: Range }[]): number {
  return Math.max(0, ...columns.map(({ frame }) => frame.to - frame.from));
}

/** The whole hours of a frame. */
export function hoursOf({ from, to }: Range): number[] {
  return Array.from({ length: Math.ceil((to - from) / HOUR_MS) }, (_, index) => from + index * HOUR_MS);
}

/** The hours of a frame that the clock shows elsewhere than on the axis beside it, because it was changed in between. */
export function ownHours(frame: Range, axis: Range, clock: (instant: number) => string): number[] {
  if (frame === axis) return [];
  return hoursOf(frame).filter((hour) => clock(hour) !== clock(hour - frame.from + axis.from));
}

/** How high a minute is drawn for each grid, in rem, so that its lines are far enough apart to be hit. */
export function minuteRem(step: number): number {
  return { 5: 0.2, 10: 0.14, 15: 0.1, 20: 0.09, 30: 0.075 }[step] ?? 0.1;
}

const openings = new WeakMap<object, Map<string, Range[]>>();

/** When a dentist works on a date and on the night before it, by the dentist's own clock; computed once for each. */
export function openingsOf(dentist: Pick<Dentist, "workingHours" | "timeZone">, date: string): Range[] {
  const known = openings.get(dentist) ?? new Map<string, Range[]>();
  openings.set(dentist, known);
  const found = known.get(date) ?? computedOpenings(dentist, date);
  known.set(date, found);
  return found;
}

function computedOpenings(
  { workingHours, timeZone }: Pick<Dentist, "workingHours" | "timeZone">,
  date: string,
): Range[] {
  return [-1, 0, 1].flatMap((days) => {
    const day = parseDate(date).add({ days });
    const weekday = new Date(`${day.toString()}T00:00:00Z`).getUTCDay() || 7;
    return workingHours
      .filter((each) => each.isoWeekday === weekday)
      .filter(
        ({ validFrom, validTo }) =>
          (!validFrom || validFrom <= day.toString()) && (!validTo || validTo >= day.toString()),
      )
      .map(({ start, end }) => {
        const at = (time: string, later: number) => {
          const { hour, minute } = parseTime(time.startsWith("24") ? "00:00" : time);
          const { year, month, day: number } = day.add({ days: later });
          return toZoned(new CalendarDateTime(year, month, number, hour, minute), timeZone)
            .toDate()
            .getTime();
        };
        return { from: at(start, 0), to: at(end, end.startsWith("24") || end <= start ? 1 : 0) };
      });
  });
}

/** What is left of a frame without some ranges. */
export function without(frame: Range, ranges: readonly Range[]): Range[] {
  const left: Range[] = [];
  let from = frame.from;
  for (const each of [...ranges].sort((a, b) => a.from - b.from)) {
    if (each.from > from) left.push({ from, to: Math.min(each.from, frame.to) });
    from = Math.max(from, each.to);
    if (from >= frame.to) return left;
  }
  return [...left, { from, to: frame.to }];
}

/** The part of a range that lies in a frame; null where there is none. */
export function clipped({ from, to }: Range, frame: Range): Range | null {
  const part = { from: Math.max(from, frame.from), to: Math.min(to, frame.to) };
  return part.from < part.to ? part : null;
}

export interface Lane {
  lane: number;
  /** How many there are beside each other. */
  lanes: number;
}

/** Those that overlap stand beside each other, each in the first lane that is free. */
export function lanesOf(ranges: readonly Range[]): Lane[] {
  const order = ranges.map((_, index) => index).sort((a, b) => at(a).from - at(b).from || at(b).to - at(a).to);
  const placed: Lane[] = ranges.map(() => ({ lane: 0, lanes: 1 }));
  let together: number[] = [];
  let ends: number[] = [];
  const close = () => {
    for (const index of together) placed[index] = { lane: placed[index]?.lane ?? 0, lanes: ends.length };
    [together, ends] = [[], []];
  };
  for (const index of order) {
    const { from, to } = at(index);
    if (ends.every((end) => end <= from)) close();
    const free = ends.findIndex((end) => end <= from);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = to;
    placed[index] = { lane, lanes: 1 };
    together.push(index);
  }
  close();
  return placed;

  function at(index: number): Range {
    return ranges[index] as Range;
  }
}

interface Buffered {
  id: string;
  bufferBeforeMinutes: number;
  bufferAfterMinutes: number;
}

/** For how many minutes more the dentist is claimed: before the first treatment and after the last one. */
export function buffersOf(
  treatmentIds: readonly string[],
  treatments: readonly Buffered[],
): { before: number; after: number } {
  const named = (id: string | undefined) => treatments.find((each) => each.id === id);
  return {
    before: named(treatmentIds[0])?.bufferBeforeMinutes ?? 0,
    after: named(treatmentIds.at(-1))?.bufferAfterMinutes ?? 0,
  };
}

/** The nearest line of the grid, which begins with the frame. */
export function snapped(time: number, frame: Range, step: number, round = Math.round): number {
  return frame.from + round((time - frame.from) / (step * MINUTE_MS)) * step * MINUTE_MS;
}

/** A range of the same length that begins on the grid and within the frame. */
export function movedTo(range: Range, from: number, frame: Range, step: number): Range {
  const length = range.to - range.from;
  const start = Math.min(
    Math.max(snapped(from, frame, step), frame.from),
    snapped(frame.to - length, frame, step, Math.floor),
  );
  return { from: start, to: start + length };
}

/** The range with another end, one step long at least. */
export function resizedTo(range: Range, to: number, frame: Range, step: number): Range {
  const shortest = range.from + step * MINUTE_MS;
  return { from: range.from, to: Math.max(Math.min(snapped(to, frame, step), frame.to), shortest) };
}
