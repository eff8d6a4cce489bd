import { parseAbsolute, parseDateTime, toCalendarDateTime, toZoned } from "@internationalized/date";

/** An instant as the value of an `<input type="datetime-local">`, by the clock of a zone, to the minute. */
export function localOf(instant: string, zone: string): string {
  return toCalendarDateTime(parseAbsolute(instant, zone)).toString().slice(0, "YYYY-MM-DDTHH:MM".length);
}

/**
 * The instant of such a value; null while none is complete. A time that the clocks skip is the one an hour later, one that
 * comes twice is the earlier.
 */
export function instantOf(local: string, zone: string): string | null {
  // Typed by keys it changes with every figure; a year of one figure is none yet.
  if (local < "1900") return null;
  return toZoned(parseDateTime(local), zone).toAbsoluteString();
}
