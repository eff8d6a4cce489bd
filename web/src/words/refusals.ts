import { SyncError } from "@dental-sync/client";
import { t } from "@lingui/core/macro";

/** What somebody reads when something was refused, and what to do next: by the refusal's code, never by its text. */
export function inWords(error: unknown): string {
  const say = error instanceof SyncError ? SAID[error.code] : undefined;
  return say?.() ?? t`Something went wrong here. Load the page again; if it stays so, call the practice.`;
}

const SAID: Record<string, (() => string) | undefined> = {
  "invalid-credentials": () => t`The e-mail address or the password is wrong. Check both and try again.`,
  "account-disabled": () => t`This account is switched off. Ask the practice.`,
  "second-factor-required": () => t`That code does not fit. Take the newest one from your app, or a recovery code.`,
  "rate-limited": () => t`That was too often. Wait a minute, then try again.`,
  "validation-failed": () => t`Something in the form is not right. Check what you have typed.`,
  "connection-lost": () => t`The practice's server cannot be reached. Check your connection, then try again.`,
  unavailable: () => t`The practice's server is busy. Try again in a moment.`,
  "still-pending": () => t`This takes longer than usual. It is stored and will be decided soon; this page shows the outcome.`,
  "past-cutoff": () => t`It is too late to change this appointment online. Please call the practice.`,
  "illegal-transition": () => t`That is not possible any more: the appointment has changed meanwhile.`,
  "precondition-failed": () => t`Somebody else has just changed this appointment. Look at it again, then decide.`,
  "nothing-to-undo": () => t`This can no longer be undone.`,
  "slot-taken": () => t`The time has been taken meanwhile.`,
  "patient-double-booked": () => t`There is another appointment at that time.`,
  "outside-working-hours": () => t`The dentist does not work at that time.`,
  "not-offered": () => t`This dentist does not offer that treatment.`,
  "in-the-past": () => t`That time is over.`,
  "invalid-duration": () => t`An appointment cannot be that long or that short.`,
  "not-found": () => t`This appointment is no longer there.`,
  forbidden: () => t`This account may not do that.`,
  "second-factor-missing": () => t`The practice asks its staff for a second factor, and this account has none yet. Set it up first.`,
  revoked: () => t`You were signed out, here or on another device. Sign in again.`,
  unauthorized: () => t`Your session has ended. Sign in again.`,
};
