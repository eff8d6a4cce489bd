import type { Appointment, Slot } from "@dental-sync/client";
import { dateOf, todayIn } from "../../shared/times";
import { type People, enter } from "./people";
import { apart, first } from "./times";

/** Everything that the stories are played with. */
export interface Stage {
  people: People;
  zone: string;
  treatmentId: string;
  /** Somebody else, for whom the front desk books. */
  other: { id: string; name: string };
  /** Names of the dentists by id. */
  dentists: ReadonlyMap<string, string>;
  /** The day that is looked at, and whose column the front desk shows. */
  date: string;
  column: string;
  /** What was booked while the dentist was cut off. */
  missed: Appointment[];
}

const AHEAD_MS = 28 * 86_400_000;

/** Signs everybody in, and finds a day to look at. Rejects with ApiError where the accounts are not those of the demo. */
export async function prepare(): Promise<Stage> {
  const people = await enter();
  const { api } = people.desk;
  const [{ timeZone: zone }, treatments, patients, dentists] = await Promise.all([
    api.getPractice(),
    api.listTreatments({ limit: 200 }),
    api.listPatients({ limit: 2 }),
    api.listDentists({ limit: 200 }),
  ]);
  const [shortest] = [...treatments.items].sort((one, other) => one.durationMinutes - other.durationMinutes);
  const other = patients.items.find(({ id }) => id !== people.patient.account.patientId);
  if (shortest === undefined || other === undefined) throw new Error("there is nothing to book, or nobody to book for");
  const stage: Stage = {
    people,
    zone,
    treatmentId: shortest.id,
    other,
    dentists: new Map(dentists.items.map(({ id, name }) => [id, name])),
    date: "",
    column: dentistOf(people),
    missed: [],
  };
  const time = await freeTime(stage);
  return { ...stage, date: time === undefined ? todayIn(zone, new Date()) : dateOf(time.startsAt, zone) };
}

/** Whose day the dentist's screen shows. */
export function dentistOf({ dentist }: People): string {
  return dentist.account.dentistId as string;
}

/** A time at which both who book in the stories have nothing else; undefined where there is none in the next weeks. */
export async function freeTime({ people, zone, treatmentId, other, date }: Stage): Promise<Slot | undefined> {
  const from = new Date().toISOString();
  const to = new Date(Date.now() + AHEAD_MS).toISOString();
  const [{ slots }, own, theirs] = await Promise.all([
    people.patient.api.availability({ from, to, treatmentId, dentistId: dentistOf(people) }),
    people.patient.api.appointments({ from, to, status: "pending,booked" }),
    people.desk.api.appointments({ from, to, status: "pending,booked", patientId: other.id }),
  ]);
  return first(apart(slots, [...own.items, ...theirs.items]), zone, date);
}
