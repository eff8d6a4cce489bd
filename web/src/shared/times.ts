import { parseDate, toZoned } from "@internationalized/date";
import { REGION, spoken } from "../words/language";

/** A time as one says it, by the clock of a zone. */
export function timeOf(instant: string, zone: string): string {
  return formatted(instant, zone, { hour: "2-digit", minute: "2-digit" });
}

/** A day as one says it: "Monday, 30 November". */
export function dayOf(instant: string, zone: string): string {
  return formatted(instant, zone, { weekday: "long", day: "numeric", month: "long" });
}

export function weekdayOf(instant: string, zone: string): string {
  return formatted(instant, zone, { weekday: "short" });
}

export function monthOf(instant: string, zone: string): string {
  return formatted(instant, zone, { month: "short" });
}

export function dayOfMonth(instant: string, zone: string): string {
  return formatted(instant, zone, { day: "numeric" }).replace(/\D/g, "");
}

/** What this machine's clock shows then, where that is another time than in a zone; else null. */
export function ownTime(instant: string, zone: string, own = Intl.DateTimeFormat().resolvedOptions().timeZone): string | null {
  if (timeOf(instant, own) === timeOf(instant, zone) && dateOf(instant, own) === dateOf(instant, zone)) return null;
  return timeOf(instant, own);
}

/** A moment that is over, by this machine's clock: "09:41:03" where that was today, else with its day. */
export function pastMoment(moment: Date, now = new Date()): string {
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  if (moment.toDateString() === now.toDateString()) return moment.toLocaleTimeString(REGION[spoken()], time);
  return moment.toLocaleString(REGION[spoken()], { ...time, weekday: "short", day: "numeric", month: "short" });
}

/** A moment of some day, by this machine's clock: "12 Nov 2026, 09:41". */
export function momentOf(instant: string): string {
  return new Date(instant).toLocaleString(REGION[spoken()], { dateStyle: "medium", timeStyle: "short" });
}

/** The day on which an instant lies in a zone, as YYYY-MM-DD. */
export function dateOf(instant: string, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(instant));
}

export function todayIn(zone: string, now: Date): string {
  return dateOf(now.toISOString(), zone);
}

/** The date so many days later. */
export function shifted(date: string, days: number): string {
  return parseDate(date).add({ days }).toString();
}

/** The instants between which a date lies in a zone; on the days when the clocks change that is not 24 hours. */
export function span(date: string, zone: string): { from: string; to: string } {
  const day = parseDate(date);
  return { from: toZoned(day, zone).toAbsoluteString(), to: toZoned(day.add({ days: 1 }), zone).toAbsoluteString() };
}

/** A date as one says it, with its year. */
export function longDate(date: string): string {
  return formatted(`${date}T12:00:00Z`, "UTC", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

function formatted(instant: string, zone: string, options: Intl.DateTimeFormatOptions): string {
  return new Date(instant).toLocaleString(REGION[spoken()], { ...options, timeZone: zone });
}
