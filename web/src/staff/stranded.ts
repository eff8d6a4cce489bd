import type { Appointment, AppointmentsWanted } from "@dental-sync/client";
import { parseAbsolute, toCalendarDate } from "@internationalized/date";
import type { Dentist } from "../sheet/ground";
import { type Range, openingsOf, rangeOf, without } from "../sheet/layout";

/** Those that other hours, time off and closures can leave without anybody to treat them. */
const TO_COME = "pending,booked,arrived,checked-in";

/** Whose appointments: a dentist's, those that somebody assists, those in a chair, or everybody's. */
export type Whose = Pick<Dentist, "id" | "profession"> | { chairId: string } | null;

/** What to ask for to have those to come that overlap a range, which may have no end. */
export function wantedOf(whose: Whose, { from, to }: { from: number; to?: number }): AppointmentsWanted {
  return {
    status: TO_COME,
    from: new Date(from).toISOString(),
    ...(to !== undefined && { to: new Date(to).toISOString() }),
    ...(whose !== null && filterOf(whose)),
  };
}

function filterOf(whose: NonNullable<Whose>): AppointmentsWanted {
  if ("chairId" in whose) return { chairId: whose.chairId };
  return { [whose.profession === "assistant" ? "assistantId" : "dentistId"]: whose.id };
}

/** When somebody works, by which clock. */
export type Opened = Pick<Dentist, "workingHours" | "timeZone">;

/** The appointments in a range that are not over yet. */
export function within<Each extends Appointment>(appointments: readonly Each[], { from, to }: Range, now: number): Each[] {
  return appointments.filter((each) => {
    const its = rangeOf(each);
    return its.from < to && its.to > Math.max(from, now);
  });
}

/** The appointments that lie outside the hours and are not over yet. */
export function outside<Each extends Appointment>(appointments: readonly Each[], hours: Opened, now: number): Each[] {
  const isCovered = coveredBy(hours);
  return appointments.filter((each) => Date.parse(each.endsAt) > now && !isCovered(each));
}

/** The appointments that lie within the hours as they are and outside those that are to come. */
export function leftOut<Each extends Appointment>(
  appointments: readonly Each[],
  before: Opened,
  after: Opened,
  now: number,
): Each[] {
  const wasCovered = coveredBy(before);
  return outside(appointments, after, now).filter(wasCovered);
}

/** Whether the hours cover an appointment; windows that touch are one, at midnight too. */
function coveredBy(hours: Opened): (appointment: Appointment) => boolean {
  return (appointment) => {
    const date = toCalendarDate(parseAbsolute(appointment.startsAt, hours.timeZone)).toString();
    return without(rangeOf(appointment), openingsOf(hours, date)).length === 0;
  };
}
