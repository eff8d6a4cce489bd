import { ApiError, type Appointment, type Slot } from "@dental-sync/client";
import { dateOf } from "../../shared/times";
import { type Frames, lead, pageOf, shown, signed } from "./frames";
import { WHO, type Who } from "./people";
import { type Stage, dentistOf, freeTime } from "./stage";

/** Milliseconds from the wish on; who does not show it is missing. */
export type Took = Partial<Record<Who, number>>;

/** Who books in the stories. */
export type Booker = "patient" | "desk";

export type Report =
  | { kind: "booked" | "cut"; booked: Appointment; took: Took }
  | { kind: "raced"; booked: Appointment; refused: Booker; refusal: ApiError }
  | { kind: "back"; took: number }
  | { kind: "nothing" };

/** The patient books, and everybody sees it. */
export async function book(stage: Stage, frames: Frames): Promise<Report> {
  const time = await freeTime(stage);
  return time === undefined ? { kind: "nothing" } : take(stage, frames, "patient", time);
}

/** Somebody takes a time, and everybody sees it. Rejects with ApiError where it is refused. */
export async function take(stage: Stage, frames: Frames, who: Booker, time: Slot): Promise<Report> {
  await leadAll(stage, frames, time);
  const wished = performance.now();
  const booked = await bookAs(stage, who, time);
  return { kind: "booked", booked, took: await seen(stage, frames, booked, wished) };
}

/** The patient and the front desk take one time at the same moment: one of them is refused. */
export async function takeTwice(stage: Stage, frames: Frames): Promise<Report> {
  const time = await freeTime(stage);
  if (time === undefined) return { kind: "nothing" };
  await leadAll(stage, frames, time);
  const wished = performance.now();
  const bookers: Booker[] = ["patient", "desk"];
  const wishes = await Promise.allSettled(bookers.map((who) => bookAs(stage, who, time)));
  const booked = wishes.flatMap((wish) => (wish.status === "fulfilled" ? wish.value : []))[0];
  const refused = wishes.findIndex(({ status }) => status === "rejected");
  const refusal: unknown = (wishes[refused] as PromiseRejectedResult | undefined)?.reason;
  if (booked === undefined || !(refusal instanceof ApiError)) throw refusal;
  await seen(stage, frames, booked, wished);
  return { kind: "raced", booked, refused: bookers[refused] as Booker, refusal };
}

/** The dentist is cut off, and the patient books meanwhile. */
export async function cut(stage: Stage, frames: Frames): Promise<Report> {
  stage.people.dentist.line.cut();
  await signed(frames.dentist, "offline");
  const report = await book(stage, frames);
  return report.kind === "booked" ? { ...report, kind: "cut" } : report;
}

/** The dentist is connected again, and shows what was booked meanwhile. */
export async function bringBack(stage: Stage, frames: Frames): Promise<Report> {
  const { line } = stage.people.dentist;
  const missed = stage.missed.splice(0);
  line.mend();
  const begun = performance.now();
  // As a browser does when it has a network again: the page need not wait for its next attempt.
  frames.dentist.contentWindow?.dispatchEvent(new Event("online"));
  await signed(frames.dentist, "live");
  for (const appointment of missed) await shown(frames.dentist, appointment);
  return { kind: "back", took: performance.now() - begun };
}

function bookAs({ people, treatmentId, other }: Stage, who: Booker, { dentistId, startsAt }: Slot): Promise<Appointment> {
  return people[who].api.book({ dentistId, startsAt, treatmentId, ...(who === "desk" && { patientId: other.id }) });
}

/** Shows the day of a time everywhere, and the pages that somebody has left. */
async function leadAll(stage: Stage, frames: Frames, { startsAt, dentistId }: Slot): Promise<void> {
  stage.date = dateOf(startsAt, stage.zone);
  stage.column = dentistId;
  await Promise.all(WHO.map((who) => lead(frames[who], pageOf(stage, who))));
}

async function seen(stage: Stage, frames: Frames, booked: Appointment, wished: number): Promise<Took> {
  const { people, missed } = stage;
  const isShown: Record<Who, boolean> = {
    patient: booked.patientId === people.patient.account.patientId,
    dentist: booked.dentistId === dentistOf(people),
    desk: true,
  };
  if (isShown.dentist && people.dentist.line.isCut) missed.push(booked);
  const watching = WHO.filter((who) => isShown[who] && !people[who].line.isCut);
  const seen = await Promise.all(watching.map(async (who) => [who, await shown(frames[who], booked)] as const));
  return Object.fromEntries(seen.flatMap(([who, at]) => (at === null ? [] : [[who, at - wished]]))) as Took;
}
