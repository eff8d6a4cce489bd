import type { AppointmentList, AppointmentsWanted } from "../api.js";
import type { Appointment } from "../appointment.js";
import type { Message } from "../message.js";

/** A list that is kept up to date, and what happened while another one of it was being fetched. */
export interface LiveList extends AppointmentList {
  readonly meanwhile: readonly Message[];
}

/** The list as it was fetched, and all that is known to have happened after that. */
export function rebased(fetched: AppointmentList, old: LiveList | undefined, wanted: AppointmentsWanted): LiveList {
  const meanwhile = old?.meanwhile ?? [];
  return meanwhile.reduce<LiveList>((list, message) => patched(list, message, wanted, false), {
    ...fetched,
    meanwhile: [],
  });
}

/** The list after a message; one that is in it already, or is about another log, changes nothing in it. */
export function patched(
  list: LiveList,
  message: Message,
  wanted: AppointmentsWanted,
  isFetching: boolean,
): LiveList {
  const meanwhile = isFetching ? [...list.meanwhile, message] : [];
  const { position, epoch } = message;
  if (epoch !== list.epoch || position <= list.position) return { ...list, meanwhile };
  return { items: itemsAfter(list.items, message, wanted), position, epoch, meanwhile };
}

function itemsAfter(items: Appointment[], message: Message, wanted: AppointmentsWanted): Appointment[] {
  switch (message.type) {
    case "appointment:created":
    case "appointment:updated":
      return withAppointment(items, message.appointment, wanted);
    case "appointment:deleted":
      return without(items, message.appointmentId);
    default:
      return items;
  }
}

/** With an appointment as it is now, in its place, unless a newer one is there or it is not wanted. */
export function withAppointment(
  items: Appointment[],
  appointment: Appointment,
  wanted: AppointmentsWanted,
): Appointment[] {
  const known = items.find(({ id }) => id === appointment.id);
  if (known !== undefined && known.version >= appointment.version) return items;
  const others = known === undefined ? items : without(items, appointment.id);
  return isWanted(appointment, wanted) ? [...others, appointment].sort(byStart) : others;
}

function without(items: Appointment[], appointmentId: string): Appointment[] {
  return items.some(({ id }) => id === appointmentId) ? items.filter(({ id }) => id !== appointmentId) : items;
}

/**
 * As `GET /api/appointments` chooses: those that overlap `[from, to)`, in one of several statuses. The same table of cases,
 * clients/scenarios/lists, tests this and the server.
 */
function isWanted(appointment: Appointment, wanted: AppointmentsWanted): boolean {
  return (Object.keys(FITS) as (keyof AppointmentsWanted)[]).every((name) => {
    const value = wanted[name];
    return value === undefined || FITS[name](appointment, String(value));
  });
}

/** For each filter whether an appointment fits it; one that is missing here does not compile. */
const FITS: Record<keyof AppointmentsWanted, (appointment: Appointment, wanted: string) => boolean> = {
  from: ({ endsAt }, from) => Date.parse(endsAt) > Date.parse(from),
  to: ({ startsAt }, to) => Date.parse(startsAt) < Date.parse(to),
  status: ({ status }, wanted) => wanted.split(",").includes(status),
  dentistId: ({ dentistId }, wanted) => dentistId === wanted,
  patientId: ({ patientId }, wanted) => patientId === wanted,
  chairId: ({ chairId }, wanted) => chairId === wanted,
  assistantId: ({ assistantId }, wanted) => assistantId === wanted,
  seriesId: ({ seriesId }, wanted) => seriesId === wanted,
  overbooked: ({ overbooked }, wanted) => String(overbooked) === wanted,
};

/** Instants of the service have one form, and so their order is that of their letters. */
export function byStart(one: Appointment, other: Appointment): number {
  if (one.startsAt !== other.startsAt) return one.startsAt < other.startsAt ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}
