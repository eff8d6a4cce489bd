import { dateOf, shifted, span } from "../shared/times";
import { type Range, openingsOf } from "../sheet/layout";
import { instantOf, localOf } from "./spans";
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
export function rangeOfAway(away: Away, zone: string): Range | null {
  if (!isTyped(away)) return null;
  const { isAllDay, from, fromTime, to, toTime } = away;
  const [start, end] = isAllDay ? [`${from}T00:00`, `${shifted(to, 1)}T00:00`] : [`${from}T${fromTime}`, `${to}T${toTime}`];
  const range = { from: Date.parse(instantOf(start, zone) ?? ""), to: Date.parse(instantOf(end, zone) ?? "") };
  return range.from < range.to ? range : null;
}

/** The same as it was typed. */
export function awayOf({ startsAt, endsAt }: { startsAt: string; endsAt: string }, zone: string): Away {
  const [from = "", fromTime = ""] = localOf(startsAt, zone).split("T");
  const [to = "", toTime = ""] = localOf(endsAt, zone).split("T");
  const isAllDay = fromTime === "00:00" && toTime === "00:00" && from < to;
  return isAllDay ? allDay(from, shifted(to, -1)) : { isAllDay, from, fromTime, to, toTime };
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
  const midnight = Date.parse(span(today, timeZone).to);
  const openUntil = openingsOf(hours, today)
    .filter(({ from }) => from < midnight)
    .map(({ to }) => to);
  return { from: new Date(now).setSeconds(0, 0), to: Math.max(midnight, ...openUntil) };
}
