import { ApiError, SyncError } from "@dental-sync/client";
import { t } from "@lingui/core/macro";
import { inWords } from "../words/refusals";

/** What staff read when something was refused: by the refusal's code, where `inWords` speaks to patients. */
export function inStaffWords(error: unknown): string {
  const say = error instanceof SyncError ? SAID[error.code] : undefined;
  return say?.() ?? inWords(error);
}

/** The same of one of several that were refused by their code alone. */
export function codeInWords(code: string): string {
  return inStaffWords(new SyncError(code, ""));
}

/** The ids of the appointments that are in the way; none where that is not why it was refused. */
export function inTheWay(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.code !== "bookings-in-the-way") return [];
  return (error.problem["appointments"] as string[] | undefined) ?? [];
}

const SAID: Record<string, (() => string) | undefined> = {
  "already-joined": () => t`This patient has an account already.`,
  "bookings-in-the-way": () => t`Appointments are in the way. Move or cancel them first.`,
  "last-admin": () => t`This is the last account of the administration. Give that role to somebody else first.`,
  "not-active": () => t`This account is switched off. Switch it on first.`,
  "not-found": () => t`This is no longer there.`,
  "patient-double-booked": () => t`The patient has another appointment at that time.`,
  "patient-erased": () => t`This patient's data were erased.`,
  "too-late": () => t`The day within which this could be undone is over.`,
  "unknown-account": () => t`This patient has no account yet. Hand over an invitation instead.`,
  "unknown-invitation": () => t`This code is no longer good. Make another one.`,
  "unknown-patient": () => t`This record is no longer there.`,
};
