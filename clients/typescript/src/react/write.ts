import type { Api, Booking, Change } from "../api.js";
import { type Appointment, inFull } from "../appointment.js";
import { byStart } from "./list.js";

/** What was asked for, and is shown as done before the answer arrives. */
export type Write =
  | { kind: "book"; key: string; booking: Booking; shown: Partial<Appointment> }
  | { kind: "reschedule"; key: string; appointment: Appointment; change: Change }
  | { kind: "cancel"; key: string; appointment: Appointment; reason: string | undefined };

export interface ShownAppointment extends Appointment {
  /** What is shown as done and not answered yet; it disappears again when it is refused. */
  pendingWrite?: Write["kind"];
}

/** Sends it; however often this is called, it is done once. */
export function send(api: Api, write: Write): Promise<Appointment> {
  const idempotencyKey = write.key;
  if (write.kind === "book") return api.book(write.booking, { idempotencyKey });
  // Of the version that was shown: for another one the user decides again.
  const { id, version } = write.appointment;
  if (write.kind === "reschedule") return api.reschedule(id, write.change, { idempotencyKey, version });
  return api.cancel(id, { idempotencyKey, version, ...(write.reason !== undefined && { reason: write.reason }) });
}

/** The list as it will be when all that is asked for is granted. */
export function shown(items: Appointment[], writes: Write[]): ShownAppointment[] {
  return writes.length === 0 ? items : [...writes.reduce(withWrite, items)].sort(byStart);
}

function withWrite(items: ShownAppointment[], write: Write): ShownAppointment[] {
  if (write.kind === "book") return isThere(items, write.booking) ? items : [...items, imagined(write)];
  return items.map((item) => {
    // A newer version includes this answer or another user's change.
    if (item.id !== write.appointment.id || item.version > write.appointment.version) return item;
    if (write.kind === "cancel") return { ...item, status: "cancelled", pendingWrite: "cancel" };
    return { ...item, ...moved(item, write.change), pendingWrite: "reschedule" };
  });
}

/** No other account can have that time: the message arrived before the answer. */
function isThere(items: Appointment[], { dentistId, startsAt }: Booking): boolean {
  return items.some(
    (item) =>
      item.dentistId === dentistId &&
      Date.parse(item.startsAt) === Date.parse(startsAt) &&
      (item.status === "booked" || item.status === "pending"),
  );
}

function imagined({ key, booking, shown }: Extract<Write, { kind: "book" }>): ShownAppointment {
  const startsAt = instant(booking.startsAt);
  const now = new Date().toISOString();
  const treatmentIds = named(booking) ?? [];
  return {
    ...inFull({
    id: key,
    patientId: booking.patientId ?? "",
    patientName: "",
    dentistId: booking.dentistId,
    dentistName: "",
    treatmentId: treatmentIds[0] ?? null,
    treatmentIds,
    chairId: booking.chairId ?? null,
    assistantId: booking.assistantId ?? null,
    startsAt,
    endsAt: booking.endsAt ? instant(booking.endsAt) : startsAt,
    status: "booked",
    confirmation: "unconfirmed",
    reason: booking.reason ?? null,
    version: 0,
    createdAt: now,
    updatedAt: now,
    cancelledAt: null,
    cancelledBy: null,
    cancelReason: null,
    }),
    ...shown,
    pendingWrite: "book",
  };
}

/** A new start alone keeps the duration. */
function moved(item: Appointment, change: Change): Partial<Appointment> {
  const startsAt = change.startsAt ? instant(change.startsAt) : item.startsAt;
  const treatmentIds = named(change);
  const durationMs = Date.parse(item.endsAt) - Date.parse(item.startsAt);
  const endsAt = change.endsAt ? instant(change.endsAt) : instant(Date.parse(startsAt) + durationMs);
  return {
    startsAt,
    endsAt,
    dentistId: change.dentistId ?? item.dentistId,
    // Null is no chair and no assistant; what is not named stays.
    chairId: change.chairId === undefined ? item.chairId : change.chairId,
    assistantId: change.assistantId === undefined ? item.assistantId : change.assistantId,
    ...(treatmentIds && { treatmentId: treatmentIds[0] ?? null, treatmentIds }),
    reason: change.reason ?? item.reason,
  };
}

/** The treatments that are asked for, in their order. */
function named({ treatmentId, treatmentIds }: Pick<Change, "treatmentId" | "treatmentIds">): string[] | undefined {
  return treatmentIds ?? (treatmentId ? [treatmentId] : undefined);
}

/** In the form that the service gives instants. */
function instant(value: string | number): string {
  return new Date(value).toISOString();
}
