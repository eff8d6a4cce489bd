import type { components } from "@dental-sync/client";
import { t } from "@lingui/core/macro";
import { dayOf, timeOf } from "../shared/times";

export type Entry = components["schemas"]["HistoryAnswer"];

/** What was done to an appointment, in a word; what this page does not know of is a change. */
export function actionOf({ action }: Pick<Entry, "action">): string {
  return WORDS[action]?.() ?? t`Changed`;
}

/** What can be done to an appointment. */
export const WORDS: Record<string, (() => string) | undefined> = {
  book: () => t`Booked`,
  "book-series": () => t`Booked as one of a series`,
  reschedule: () => t`Changed`,
  "reschedule-following": () => t`Changed, with those that follow`,
  cancel: () => t`Cancelled`,
  "cancel-by-link": () => t`Cancelled by the link of a reminder`,
  "cancel-following": () => t`Cancelled, with those that follow`,
  approve: () => t`Approved`,
  confirm: () => t`Confirmed`,
  "confirm-by-link": () => t`Confirmed by the link of a reminder`,
  arrive: () => t`Arrived`,
  "check-in": () => t`Checked in`,
  complete: () => t`Done`,
  "no-show": () => t`Did not come`,
  "undo-no-show": () => t`Came after all`,
  undo: () => t`Last step taken back`,
  "hand-over": () => t`Handed over`,
  delete: () => t`Deleted`,
  merge: () => t`Records merged`,
  "undo-merge": () => t`Records parted again`,
  "join-by-invitation": () => t`Record joined to an account`,
  erase: () => t`Data erased`,
  "sql-insert": () => t`Entered`,
  "sql-delete": () => t`Removed`,
};

/** Who it was; whom the reader may not know by name is named by the role. */
export function actorOf({ action, actorName, actorRole }: Pick<Entry, "action" | "actorName" | "actorRole">): string {
  if (actorName !== null) return actorName;
  if (action.endsWith("-by-link")) return t`without signing in`;
  if (actorRole !== null) return actorRole === "patient" ? t`a patient's account` : t`an account of the practice`;
  return t`outside this program`;
}

/** What records are called, by id. */
export interface Names {
  dentist: (id: string) => string | undefined;
  treatment: (id: string) => string | undefined;
}

/** What was asked for: the time, and what it was for, with whom and why. */
export function changesOf({ changes = {} }: Pick<Entry, "changes">, zone: string, names: Names): string[] {
  const text = (name: string) => (typeof changes[name] === "string" ? (changes[name] as string) : undefined);
  const [startsAt, endsAt, reason, cancelReason] = ["startsAt", "endsAt", "reason", "cancelReason"].map(text);
  const treatments = (changes["treatmentIds"] as string[] | null | undefined) ?? [text("treatmentId") ?? ""];
  return [
    startsAt && `${dayOf(startsAt, zone)}, ${timeOf(startsAt, zone)}`,
    endsAt && t`until ${timeOf(endsAt, zone)}`,
    names.dentist(text("dentistId") ?? ""),
    treatments.map(names.treatment).filter(Boolean).join(", "),
    reason ?? cancelReason,
  ].filter((part): part is string => Boolean(part));
}
