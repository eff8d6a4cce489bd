import { type CalendarDate, CalendarDateTime, parseAbsolute, parseDate, parseTime, toTime, toZoned } from "@internationalized/date";
import { dateOf, shifted } from "../shared/times";
import { type Range, openingsOf } from "../sheet/layout";
import type { Opened } from "./stranded";

const FIRST_DATE = "1900-01-01";

/** From when to when somebody is away, as typed; dates are `YYYY-MM-DD`, times `HH:MM`, empty where nothing is typed. */
export interface Away {
  isAllDay: boolean;
  from: string;
  fromTime: string;
  /** The last day; it is included. */
  to: string;
  toTime: string;
}

/** A whole day, until something else is said. */
export function allDay(from: string, to = from): Away {
  return { isAllDay: true, from, fromTime: "08:00", to, toTime: "17:00" };
}

/** Whether nothing is missing. Typed by keys a date changes with every figure; a year of one figure is none yet. */
export function isTyped({ isAllDay, from, fromTime, to, toTime }: Away): boolean {
  return [from, to].every((date) => date >= FIRST_DATE) && (isAllDay || (fromTime !== "" && toTime !== ""));
}

/** The instants between which somebody is away by the clock of a zone; null where they are not complete or not in order. */
export function rangeOfAway({ isAllDay, from, fromTime, to, toTime }: Away, zone: string): Range | null {
  if (!isTyped({ isAllDay, from, fromTime, to, toTime })) return null;
  const [first, last] = [parseDate(from), parseDate(to)];
  const range = isAllDay
    ? { from: at(first, "00:00", zone), to: at(last.add({ days: 1 }), "00:00", zone) }
    : { from: at(first, fromTime, zone), to: at(last, toTime, zone) };
  return range.from < range.to ? range : null;
}

/** The same as it was typed. */
export function awayOf({ startsAt, endsAt }: { startsAt: string; endsAt: string }, zone: string): Away {
  const [from, to] = [dateOf(startsAt, zone), dateOf(endsAt, zone)];
  const lastNight = shifted(to, -1);
  const isAllDay = isMidnight(startsAt, zone) && isMidnight(endsAt, zone) && from <= lastNight;
  if (isAllDay) return allDay(from, lastNight);
  return { isAllDay, from, fromTime: clockOf(startsAt, zone), to, toTime: clockOf(endsAt, zone) };
}

/** The first and the last day of the week that comes, Monday to Sunday. */
export function daysOfNextWeek(today: string): [string, string] {
  const isoWeekday = new Date(`${today}T00:00:00Z`).getUTCDay() || 7;
  const monday = shifted(today, 8 - isoWeekday);
  return [monday, shifted(monday, 6)];
}

/** From a minute until the evening: the end of the day, or of what has opened on it and ends on the next. */
export function restOfDay(now: Date, hours: Opened): Range {
  const { timeZone } = hours;
  const today = dateOf(now.toISOString(), timeZone);
  const midnight = at(parseDate(today).add({ days: 1 }), "00:00", timeZone);
  const openUntil = openingsOf(hours, today)
    .filter(({ from }) => from < midnight)
    .map(({ to }) => to);
  const from = new Date(now);
  from.setSeconds(0, 0);
  return { from: from.getTime(), to: Math.max(midnight, ...openUntil) };
}

function at({ year, month, day }: CalendarDate, time: string, zone: string): number {
  const { hour, minute } = parseTime(time);
  return toZoned(new CalendarDateTime(year, month, day, hour, minute), zone).toDate().getTime();
}

function isMidnight(instant: string, zone: string): boolean {
  return instant === new Date(at(parseDate(dateOf(instant, zone)), "00:00", zone)).toISOString();
}

function clockOf(instant: string, zone: string): string {
  return toTime(parseAbsolute(instant, zone)).toString().slice(0, 5);
}
