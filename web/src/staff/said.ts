import { REGION, spoken } from "../words/language";
import { awayOf } from "./absence";
import { WEEKDAYS } from "./hours";

const DAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;

/** From when to when, as one says it by the clock of a zone: whole days without times. */
export function saidRange(range: { startsAt: string; endsAt: string }, zone: string): string {
  const { isAllDay } = awayOf(range, zone);
  const time = isAllDay ? {} : ({ hour: "2-digit", minute: "2-digit" } as const);
  const format = new Intl.DateTimeFormat(REGION[spoken()], { ...DAY, ...time, timeZone: zone });
  // The midnight at which a day ends is of the next one.
  const end = Date.parse(range.endsAt) - (isAllDay ? 1 : 0);
  return format.formatRange(new Date(range.startsAt), new Date(end));
}

/** What the days of the week are called, Monday first. */
export function weekdayNames(): string[] {
  const format = new Intl.DateTimeFormat(REGION[spoken()], { weekday: "long", timeZone: "UTC" });
  // 5 January 1970 was a Monday.
  return WEEKDAYS.map((weekday) => format.format(new Date(Date.UTC(1970, 0, 4 + weekday))));
}
