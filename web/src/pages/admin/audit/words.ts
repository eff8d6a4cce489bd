import type { components } from "@dental-sync/client";
import { t } from "@lingui/core/macro";
import { WORDS as TO_APPOINTMENTS } from "../../../staff/history";

export type Entry = components["schemas"]["EntryAnswer"];

/** What was done, in a word; where none is known, as the API calls it. */
export function actionInWords(action: string): string {
  return ACTIONS[action]?.() ?? action;
}

/** What it was done to, in a word. */
export function kindInWords(kind: string): string {
  return KINDS[kind]?.() ?? kind;
}

/** Every action that can be looked for, by what it is called. */
export function actionsByName(): { id: string; name: string }[] {
  return Object.keys(ACTIONS)
    .map((id) => ({ id, name: actionInWords(id) }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

const ACTIONS: Record<string, (() => string) | undefined> = {
  ...TO_APPOINTMENTS,
  delete: () => t`Deleted`,
  hold: () => t`Time kept`,
  release: () => t`Kept time given back`,
  create: () => t`Entered`,
  change: () => t`Record changed`,
  withdraw: () => t`Withdrawn`,
  read: () => t`Read`,
  list: () => t`List read`,
  subscribe: () => t`Follows changes`,
  "sync-events": () => t`Changes read`,
  replay: () => t`Answer given again`,
  "read-calendar": () => t`Calendar read`,
  login: () => t`Signed in`,
  logout: () => t`Signed out`,
  "login-failed": () => t`Sign-in failed`,
  "refused-access": () => t`Access refused`,
  "refused-token": () => t`Invalid token`,
  "token-reuse": () => t`Token used twice`,
  register: () => t`Registered`,
  "end-session": () => t`Session ended`,
  "end-sessions": () => t`All sessions ended`,
  "set-second-factor": () => t`Second factor set up`,
  "remove-second-factor": () => t`Second factor removed`,
  "change-password": () => t`Password changed`,
  "forgot-password": () => t`Password forgotten`,
  "reset-password": () => t`Password set by a code`,
  "ask-for-address": () => t`Another address asked for`,
  "change-address": () => t`Address changed`,
  "create-account": () => t`Account made`,
  "invite-account": () => t`Account invited`,
  "change-account": () => t`Account changed`,
  "make-calendar": () => t`Calendar address made`,
  "end-calendar": () => t`Calendar address ended`,
  invite: () => t`Patient invited`,
  join: () => t`Account joined to a record`,
  end: () => t`Guardianship ended`,
  merge: () => t`Records merged`,
  "undo-merge": () => t`Merge taken back`,
  erase: () => t`Data erased`,
  export: () => t`Data exported`,
  expire: () => t`Kept long enough, deleted`,
  "set-hours": () => t`Hours set`,
  "set-treatments": () => t`What is offered was set`,
  "change-dentist": () => t`Dentist changed`,
  "take-time-off": () => t`Time off entered`,
  "cancel-time-off": () => t`Time off taken back`,
  "change-closure": () => t`Closure changed`,
  "change-practice": () => t`Practice changed`,
  close: () => t`Practice closed`,
  reopen: () => t`Closure taken back`,
  "add-chair": () => t`Chair added`,
  "change-chair": () => t`Chair changed`,
  "withdraw-chair": () => t`Chair withdrawn`,
  "take-chair-away": () => t`Chair away`,
  "bring-chair-back": () => t`Chair back`,
  "sql-insert": () => t`Inserted by SQL`,
  "sql-update": () => t`Changed by SQL`,
  "sql-delete": () => t`Deleted by SQL`,
  "sql-truncate": () => t`Emptied by SQL`,
};

const KINDS: Record<string, (() => string) | undefined> = {
  appointment: () => t`Appointment`,
  audit: () => t`Audit trail`,
  chair: () => t`Chair`,
  closure: () => t`Closure`,
  dentist: () => t`Dentist`,
  guardian: () => t`Guardian`,
  history: () => t`History`,
  hold: () => t`Kept time`,
  notes: () => t`Clinical notes`,
  patient: () => t`Patient`,
  practice: () => t`Practice`,
  "time-off": () => t`Time off`,
  treatment: () => t`Treatment`,
  user: () => t`Account`,
};
