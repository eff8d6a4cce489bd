import { patientOf } from "../account.js";
import type { AppointmentList, AppointmentsWanted } from "../api.js";
import type { Appointment } from "../appointment.js";
import type { Message } from "../message.js";

/** A list that is kept up to date. Everything up to its position is in it. */
export interface LiveList extends AppointmentList {
  /** For whom it was fetched, by id; of one patient the id that the record goes by now. Null: all that the account may see. */
  readonly patients: readonly string[] | null;
  /** What happened while another list was being fetched. */
  readonly meanwhile: readonly Message[];
  /**
   * Up to where those appointments are known that were told about beyond the list's position, by id: each channel is
   * replayed by itself, so that what one tells can be older than what another has told.
   */
  readonly told: Readonly<Record<string, number>>;
}

/** The list as it was fetched, and all that is known to have happened after that. */
export function rebased(
  fetched: AppointmentList & Pick<LiveList, "patients">,
  old: LiveList | undefined,
  wanted: AppointmentsWanted,
): LiveList {
  const patients = wanted.patientId ? (old?.patients ?? null) : fetched.patients;
  const list = { ...fetched, patients, meanwhile: [], told: {} };
  return (old?.meanwhile ?? []).reduce<LiveList>((now, message) => patched(now, message, wanted, { isFetching: false }), list);
}

/**
 * The list after a message; one that is in it already, or is about another log, changes nothing in it. `isLive`: nothing
 * before the message is missing.
 */
export function patched(
  list: LiveList,
  message: Message,
  wanted: AppointmentsWanted,
  { isFetching, isLive = false }: { isFetching: boolean; isLive?: boolean },
): LiveList {
  const meanwhile = isFetching ? [...list.meanwhile, message] : [];
  const { position, epoch } = message;
  if (epoch !== list.epoch || position <= list.position) return { ...list, meanwhile };
  const id = subjectOf(message);
  const isKnown = id !== null && position <= (list.told[id] ?? 0);
  const items = isKnown ? list.items : itemsAfter(list.items, message, wantedNow(wanted, list));
  if (isLive) return { ...list, items, position, meanwhile, told: {} };
  return { ...list, items, meanwhile, told: id === null || isKnown ? list.told : { ...list.told, [id]: position } };
}

/** The list without the appointments of patients whose channels are not followed any more. */
export function narrowed(list: LiveList, channelNames: readonly string[], { patientId }: AppointmentsWanted): LiveList {
  const followed = channelNames.flatMap((name) => patientOf(name) ?? []);
  if (followed.length < channelNames.length) return list;
  const items = list.items.filter((item) => followed.includes(item.patientId));
  return patientId ? { ...list, items, patients: followed } : { ...list, items };
}

/** What is wanted, of the record that has become of the patient's: it may have been merged into another one. */
export function wantedNow(wanted: AppointmentsWanted, { patients }: LiveList): AppointmentsWanted {
  return wanted.patientId && patients?.[0] ? { ...wanted, patientId: patients[0] } : wanted;
}

/** Which appointment it is about. */
function subjectOf(message: Message): string | null {
  if (message.type === "appointment:deleted") return message.appointmentId;
  return "appointment" in message ? message.appointment.id : null;
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
