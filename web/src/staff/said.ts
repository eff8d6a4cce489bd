import { timeOf } from "../shared/times";
import { REGION, spoken } from "../words/language";
import { awayOf } from "./absence";
import { WEEKDAYS } from "./hours";

const DAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
const TIME = { hour: "2-digit", minute: "2-digit" } as const;

/** From when to when, as one says it by the clock of a zone: whole days without times. */
export function saidRange(range: { startsAt: string; endsAt: string }, zone: string): string {
  const { startsAt, endsAt } = range;
  const { isAllDay } = awayOf(range, zone);
  const format = (times: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(REGION[spoken()], { ...DAY, ...times, timeZone: zone });
  // The midnight at which a day ends is of the next one.
  const [start, last] = [new Date(startsAt), new Date(Date.parse(endsAt) - 1)];
  if (isAllDay) return format({}).formatRange(start, last);
  if (format({}).format(start) === format({}).format(last)) return `${format(TIME).format(start)}–${endOf(endsAt, zone)}`;
  return format(TIME).formatRange(start, new Date(endsAt));
}

/** The time at which something ends: midnight is 24:00, for that is of the same day. */
export function endOf(instant: string, zone: string): string {
  const time = timeOf(instant, zone);
  return time === "00:00" ? "24:00" : time;
}

/** What the days of the week are called, Monday first. */
export function weekdayNames(): string[] {
  const format = new Intl.DateTimeFormat(REGION[spoken()], { weekday: "long", timeZone: "UTC" });
  // 5 January 1970 was a Monday.
  return WEEKDAYS.map((weekday) => format.format(new Date(Date.UTC(1970, 0, 4 + weekday))));
}
