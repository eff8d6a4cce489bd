import { ApiError, SyncError } from "@dental-sync/client";
import { t } from "@lingui/core/macro";

/** What somebody reads when something was refused, and what to do next: by the refusal's code, never by its text. */
export function inWords(error: unknown): string {
  const say = error instanceof SyncError ? SAID[error.code] : undefined;
  return say?.() ?? t`Something went wrong here. Load the page again; if it stays so, call the practice.`;
}

/** What is wrong with which field of a form, by its name: of a problem's `errors[].pointer`, or where the code says enough. */
export function atFields(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  const { code, problem } = error;
  if (code === "weak-password") return { password: inWords(error) };
  if (code === "email-taken") return { email: inWords(error) };
  if (code === "unknown-invitation") return { invitation: inWords(error) };
  if (code !== "validation-failed") return {};
  const names = (problem.errors ?? []).map(({ pointer }) => pointer.split("/").at(-1) ?? "");
  return Object.fromEntries(names.map((name) => [name, WRONG[name]?.() ?? t`Check what you have typed here.`]));
}

const WRONG: Record<string, (() => string) | undefined> = {
  email: () => t`This is no e-mail address.`,
  phone: () => t`This is no phone number.`,
  password: () => t`A password has at least 8 characters.`,
};

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
  "hold-expired": () => t`The time was kept for a few minutes, and they are over. Choose it again if it is still free.`,
  "too-many-holds": () => t`You keep several times already. Book one of them, or wait a few minutes until they are free again.`,
  "too-many-bookings": () => t`There are as many appointments ahead as can be booked online. Cancel one first, or call the practice.`,
  "booking-barred": () => t`This cannot be booked online. Please call the practice.`,
  "address-not-confirmed": () => t`Confirm your e-mail address first; then you can book here.`,
  "registration-closed": () => t`The practice takes no new patients online. Please call the practice.`,
  "email-taken": () => t`There is an account with this address already. Use that account.`,
  "weak-password": () => t`This password is easy to guess. Choose another one.`,
  "unknown-invitation": () => t`This code is not known, or was used already. Check it, or ask the practice for a new one.`,
  "already-joined": () => t`This code is for a record that has an account already. Ask the practice.`,
  "unknown-code": () => t`This code is not known, or no longer good. Check it, or have a new one sent.`,
  "too-soon": () => t`This time is too near to be booked online. Choose a later one, or call the practice.`,
  "too-far-ahead": () => t`The practice does not take bookings this far ahead. Choose an earlier time.`,
  "unknown-dentist": () => t`This dentist takes no bookings any more. Choose another one.`,
  "unknown-treatment": () => t`This treatment is no longer offered. Choose another one.`,
  "patient-double-booked": () => t`There is another appointment at that time.`,
  "outside-working-hours": () => t`The dentist does not work at that time.`,
  "not-offered": () => t`This dentist does not offer that treatment.`,
  "in-the-past": () => t`That time is over.`,
  "invalid-duration": () => t`An appointment cannot be that long or that short.`,
  "not-found": () => t`This appointment is no longer there.`,
  forbidden: () => t`This account may not do that.`,
  "second-factor-missing": () => t`The practice asks its staff for a second factor, and this account has none yet. Set it up under My account.`,
  revoked: () => t`You were signed out, here or on another device. Sign in again.`,
  unauthorized: () => t`Your session has ended. Sign in again.`,
};
