import { CalendarDateTime, fromAbsolute, parseDate, toZoned } from "@internationalized/date";
import { shifted, span } from "../shared/times";
import type { Chair, Dentist, Ground } from "./ground";
import { type Range, clipped, frameOf, isFreed, openingsOf, rangeOf } from "./layout";

/** What a column stands for. What is dropped in it gets that dentist or chair; null is no chair, and nothing said leaves it as it is. */
export interface Place {
  dentistId?: string;
  chairId?: string | null;
}

/** A column of the sheet, without its appointments. */
export interface SheetColumn extends Pick<Ground, "holds" | "closures"> {
  id: string;
  name: string;
  /** The instants at its upper and its lower edge. */
  frame: Range;
  /** When there is work; everything else is drawn as shut. */
  open: readonly Range[];
  timeOff: { id: string; startsAt: string; endsAt: string; reason: string | null }[];
  place: Place;
}

/** Something that has a time, and stands with a dentist or a chair. */
interface Placed {
  dentistId: string;
  dentistName?: string;
  chairId?: string | null;
  status?: string;
  startsAt: string;
  endsAt: string;
}

/** The column of what has no chair. */
export const NO_CHAIR = "none";

/** The column in which something stands: that of its dentist or chair in which it begins, else one that it reaches; -1 where there is none. */
export function columnOf(columns: readonly SheetColumn[], { dentistId, chairId = null, startsAt, endsAt }: Placed): number {
  const { from, to } = rangeOf({ startsAt, endsAt });
  const stands = ({ place }: SheetColumn) =>
    (place.dentistId === undefined || place.dentistId === dentistId) &&
    (place.chairId === undefined || place.chairId === chairId);
  const begins = columns.findIndex((each) => stands(each) && from >= each.frame.from && from < each.frame.to);
  if (begins !== -1) return begins;
  return columns.findIndex((each) => stands(each) && from < each.frame.to && to > each.frame.from);
}

/** The appointments of each column, in their order. */
export function filled<Each extends Placed>(columns: readonly SheetColumn[], appointments: readonly Each[]): Each[][] {
  const all = columns.map((): Each[] => []);
  for (const each of appointments) all[columnOf(columns, each)]?.push(each);
  return all;
}

/** The values as they are now, each and all of them the same objects as before where they say the same: only what has changed is drawn anew. */
export function kept<Each>(
  before: readonly Each[],
  now: readonly Each[],
  isSame: (old: Each, each: Each) => boolean,
): readonly Each[] {
  const values = now.map((each, index) => {
    const old = before[index];
    return old !== undefined && isSame(old, each) ? old : each;
  });
  return isSameList(before, values) ? before : values;
}

/** Whether two lists hold the same. */
export function isSameList<Each>(one: readonly Each[], other: readonly Each[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}

/** Whether two columns look the same without their appointments. */
export function isSameColumn(one: SheetColumn, other: SheetColumn): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

interface Day {
  date: string;
  zone: string;
  dentists: readonly Dentist[];
  appointments: readonly Placed[];
  ground: Ground;
}

/** A day of each dentist, and of whoever else has an appointment where `withOthers`: somebody who is not booked any more. */
export function byDentist(day: Day, withOthers = false): SheetColumn[] {
  const { date, dentists, appointments, ground } = day;
  const frame = frameOfDay(day);
  const others = new Map(
    appointments
      .filter(({ dentistId, status = "" }) => !isFreed({ status }) && !dentists.some(({ id }) => id === dentistId))
      .map(({ dentistId, dentistName = "" }) => [dentistId, dentistName]),
  );
  return [
    ...dentists.map((each) => ({ id: each.id, name: each.name, open: openingsOf(each, date) })),
    ...(withOthers ? [...others].map(([id, name]) => ({ id, name, open: [] })) : []),
  ].map((each) => ({ ...each, frame, place: { dentistId: each.id }, ...groundOf(ground, { dentistId: each.id }) }));
}

/** A day of each chair, and at the end of what has none, which is called `without`. */
export function byChair(day: Day, chairs: readonly Chair[], without: string): SheetColumn[] {
  const { date, dentists, ground } = day;
  const frame = frameOfDay(day);
  const open = dentists.flatMap((each) => openingsOf(each, date));
  return [
    ...chairs.map(({ id, name }) => ({ id, name, chairId: id })),
    { id: NO_CHAIR, name: without, chairId: null },
  ].map(({ id, name, chairId }) => ({ id, name, frame, open, place: { chairId }, ...groundOf(ground, { chairId }) }));
}

/** The seven days of a week, each from its first opening or appointment of the week's clock to the last; of one dentist or chair. */
export function byDay(
  { date, zone, dentists, appointments, ground }: Day,
  place: Place,
  nameOf: (date: string) => string,
): SheetColumn[] {
  const dates = weekOf(date);
  const open = dates.map((each) => dentists.flatMap((dentist) => openingsOf(dentist, each)));
  const frames = sameHours(dates, zone, [...open.flat(), ...appointments.map(rangeOf)]);
  return dates.map((each, index) => ({
    id: each,
    name: nameOf(each),
    frame: frames[index] as Range,
    open: open[index] ?? [],
    place,
    ...groundOf(ground, place),
  }));
}

/** The dates of the week of a date, from Monday on. */
export function weekOf(date: string): string[] {
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
  return Array.from({ length: 7 }, (_, days) => shifted(date, days - weekday));
}

/** The instants between which the week of a date lies in a zone. */
export function weekSpan(date: string, zone: string): { from: string; to: string } {
  const dates = weekOf(date);
  return { from: span(dates[0] ?? date, zone).from, to: span(dates.at(-1) ?? date, zone).to };
}

function frameOfDay({ date, zone, dentists, appointments }: Day): Range {
  return frameOf(dayRange(date, zone), [...dentists.flatMap((each) => openingsOf(each, date)), ...appointments.map(rangeOf)]);
}

function dayRange(date: string, zone: string): Range {
  const { from, to } = span(date, zone);
  return { from: Date.parse(from), to: Date.parse(to) };
}

/** For each date the same hours of the clock: from the earliest that is used on any of them to the latest. */
function sameHours(dates: readonly string[], zone: string, used: readonly Range[]): Range[] {
  const hours = dates.flatMap((date) => {
    const day = dayRange(date, zone);
    return used
      .flatMap((each) => clipped(each, day) ?? [])
      .map(({ from, to }) => ({ first: hourOf(from, zone), last: hourOf(to - 1, zone) + 1 }));
  });
  const first = Math.min(8, ...hours.map((each) => each.first));
  const last = Math.max(17, ...hours.map((each) => each.last));
  return dates.map((date) => ({ from: instantOf(date, first, zone), to: instantOf(date, last, zone) }));
}

function hourOf(instant: number, zone: string): number {
  return fromAbsolute(instant, zone).hour;
}

function instantOf(date: string, hour: number, zone: string): number {
  const { year, month, day } = parseDate(hour === 24 ? shifted(date, 1) : date);
  return toZoned(new CalendarDateTime(year, month, day, hour % 24), zone).toDate().getTime();
}

/** What of a practice's holds, time off and closures concerns a dentist or a chair; a hold does not say in which chair it is. */
function groundOf({ holds, timeOff, chairTimeOff, closures }: Ground, { dentistId, chairId }: Place) {
  return {
    holds: holds.filter((each) => (chairId === undefined ? each.dentistId === (dentistId ?? each.dentistId) : chairId === null)),
    timeOff:
      chairId === undefined
        ? timeOff.filter((each) => each.dentistId === (dentistId ?? each.dentistId))
        : chairTimeOff.filter((each) => each.chairId === chairId),
    closures,
  };
}
