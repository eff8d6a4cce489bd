import type { Appointment } from "@dental-sync/client";
import { parseDate } from "@internationalized/date";
import { minutes } from "../../sheet/layout";

/** Who is to be seen, in order: whoever is here, however late it is, and whoever can still come. */
export function toBeSeen<Each extends Appointment>(appointments: readonly Each[], now: Date): Each[] {
  return appointments
    .filter(({ status, endsAt }) => isHere({ status }) || (status === "booked" && Date.parse(endsAt) > now.getTime()))
    .sort((a, b) => rank(a) - rank(b) || a.startsAt.localeCompare(b.startsAt));
}

/** Whoever is checked in comes first: that patient is being seen. */
function rank({ status }: Pick<Appointment, "status">): number {
  return status === "checked-in" ? 0 : 1;
}

export function isHere({ status }: Pick<Appointment, "status">): boolean {
  return status === "arrived" || status === "checked-in";
}

/** For how many minutes a patient has been here; null for one who is not. */
export function hereFor(appointment: Appointment, now: Date): number | null {
  if (!isHere(appointment)) return null;
  const since = appointment.arrivedAt ?? appointment.checkedInAt ?? appointment.updatedAt;
  return Math.max(0, minutes(now.getTime() - Date.parse(since)));
}

/** In how many minutes it begins; below 0 where it should have begun. */
export function beginsIn({ startsAt }: Appointment, now: Date): number {
  return minutes(Date.parse(startsAt) - now.getTime());
}

/** How old somebody is on a day, in years. */
export function ageOn(birthDate: string, day: string): number {
  const [born, date] = [parseDate(birthDate), parseDate(day)];
  const hadBirthday = date.compare(born.set({ year: date.year })) >= 0;
  return date.year - born.year - (hadBirthday ? 0 : 1);
}
