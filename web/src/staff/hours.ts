import type { components } from "@dental-sync/client";
import { parseDate, parseTime } from "@internationalized/date";
import type { Dentist } from "../sheet/ground";

type Wanted = components["schemas"]["Window"];

/** From one time to another one, as typed: `HH:MM`, empty where nothing is typed yet. Midnight as its end is `00:00`. */
export interface Opening {
  key: number;
  start: string;
  end: string;
}

/** Openings that come every week, from one date to another one where they have such; both are included. */
export interface Week {
  key: number;
  from: string;
  to: string;
  /** For each weekday, Monday first. */
  days: Opening[][];
}

/** An opening on one date alone. */
export interface Single extends Opening {
  date: string;
}

/** All hours of somebody, as typed. */
export interface Typed {
  weeks: Week[];
  singles: Single[];
}

export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const DAY_MINUTES = 24 * 60;
const FIRST_MORNING = { start: "08:00", end: "12:00" };
const PAUSE_MINUTES = 60;
const LONGEST_GUESS_MINUTES = 4 * 60;

let lastKey = 0;

export function opening({ start, end }: Pick<Opening, "start" | "end">): Opening {
  lastKey += 1;
  return { key: lastKey, start, end };
}

export function emptyWeek(from = "", to = ""): Week {
  lastKey += 1;
  return { key: lastKey, from, to, days: WEEKDAYS.map(() => []) };
}

/** The hours that are stored, as they are typed; one week at least. */
export function typedOf(hours: Dentist["workingHours"]): Typed {
  const weeks = new Map<string, Week>();
  const singles: Single[] = [];
  for (const { isoWeekday, start, end, validFrom = "", validTo = "" } of [...hours].sort(byStart)) {
    const typed = opening({ start, end: end === "24:00" ? "00:00" : end });
    if (validFrom !== "" && validFrom === validTo) {
      singles.push({ ...typed, date: validFrom });
      continue;
    }
    const valid = `${validFrom} ${validTo}`;
    const week = weeks.get(valid) ?? emptyWeek(validFrom, validTo);
    weeks.set(valid, week);
    week.days[isoWeekday - 1]?.push(typed);
  }
  const found = [...weeks.values()].sort((a, b) => a.from.localeCompare(b.from));
  return { weeks: found.length === 0 ? [emptyWeek()] : found, singles: singles.sort(byDate) };
}

/** What is typed, as it is stored. */
export function hoursOf({ weeks, singles }: Typed): Wanted[] {
  return [
    ...weeks.flatMap(({ from, to, days }) =>
      days.flatMap((openings, index) =>
        openings.map(({ start, end }) => ({
          ...windowOf(index + 1, start, end),
          ...(from && { validFrom: from }),
          ...(to && { validTo: to }),
        })),
      ),
    ),
    ...singles.map(({ date, start, end }) => ({
      ...windowOf(weekdayOf(date), start, end),
      validFrom: date,
      validTo: date,
    })),
  ];
}

function windowOf(isoWeekday: number, start: string, end: string): Wanted {
  return { isoWeekday, start, end: end === "00:00" ? "24:00" : end };
}

function weekdayOf(date: string): number {
  return date === "" ? 1 : new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** Whether two lists of hours say the same, in whatever order. */
export function isSame(one: readonly Wanted[], other: readonly Wanted[]): boolean {
  const said = (hours: readonly Wanted[]) =>
    hours
      .map(({ isoWeekday, start, end, validFrom, validTo }) =>
        [isoWeekday, start, end, validFrom ?? "", validTo ?? ""].join(" "),
      )
      .sort()
      .join("\n");
  return said(one) === said(other);
}

export type Fault = "missing" | "no-time";

/** What keeps an opening from being stored. */
export function faultOf({ start, end }: Pick<Opening, "start" | "end">): Fault | null {
  if (start === "" || end === "") return "missing";
  return start === end && start !== "00:00" ? "no-time" : null;
}

/** Whether a week can be stored: all its openings can, and its dates are in their order. */
export function isComplete({ weeks, singles }: Typed): boolean {
  const openings = [...weeks.flatMap(({ days }) => days.flat()), ...singles];
  return (
    openings.every((each) => faultOf(each) === null) && singles.every(({ date }) => date !== "") && weeks.every(isInOrder)
  );
}

export function isInOrder({ from, to }: Pick<Week, "from" | "to">): boolean {
  return from === "" || to === "" || from <= to;
}

/** Whether it goes on until a time of the next day. */
export function endsNextDay({ start, end }: Pick<Opening, "start" | "end">): boolean {
  return start !== "" && end !== "" && end !== "00:00" && end <= start;
}

/** Whether two openings of a day share a time. */
export function overlap(openings: readonly Opening[]): boolean {
  const ranges = openings.filter((each) => faultOf(each) === null).map(minutesOf);
  ranges.sort((a, b) => a.from - b.from);
  return ranges.some(({ from }, index) => index > 0 && from < (ranges[index - 1]?.to ?? 0));
}

/** How many minutes there are in a week, the pauses left out. */
export function weeklyMinutes({ days }: Week): number {
  return days
    .flat()
    .filter((each) => faultOf(each) === null)
    .reduce((sum, each) => sum + minutesOf(each).to - minutesOf(each).from, 0);
}

/** What is likely to be typed next on a day: the morning, then what comes an hour after the last one. */
export function guessed(openings: readonly Opening[]): Opening {
  const last = openings.at(-1);
  const after = last === undefined || faultOf(last) !== null ? DAY_MINUTES : minutesOf(last).to + PAUSE_MINUTES;
  if (after >= DAY_MINUTES) return opening(openings.length === 0 ? FIRST_MORNING : { start: "", end: "" });
  const until = Math.min(after + LONGEST_GUESS_MINUTES, DAY_MINUTES);
  return opening({ start: clock(after), end: clock(until) });
}

/** The week with what one of its days has on others too, in place of what they had. */
export function copied(week: Week, from: number, to: readonly number[]): Week {
  const source = week.days[from - 1] ?? [];
  const days = week.days.map((openings, index) =>
    to.includes(index + 1) && index + 1 !== from ? source.map(opening) : openings,
  );
  return { ...week, days };
}

/** Two weeks in place of one: as it was until the day before a date, and the same to be changed from that date on. */
export function parted(week: Week, date: string): [Week, Week] {
  const copy = { ...emptyWeek(date, week.to), days: week.days.map((openings) => openings.map(opening)) };
  return [{ ...week, to: parseDate(date).subtract({ days: 1 }).toString() }, copy];
}

function minutesOf(each: Pick<Opening, "start" | "end">): { from: number; to: number } {
  const at = (time: string) => {
    const { hour, minute } = parseTime(time);
    return hour * 60 + minute;
  };
  const from = at(each.start);
  return { from, to: at(each.end) + (each.end === "00:00" || endsNextDay(each) ? DAY_MINUTES : 0) };
}

function clock(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

function byStart(a: { start: string }, b: { start: string }): number {
  return a.start.localeCompare(b.start);
}

function byDate(a: Single, b: Single): number {
  return a.date.localeCompare(b.date) || byStart(a, b);
}
