import { SyncError } from "./error.js";
import type { components } from "./wire/rest.js";

/** Who is signed in. */
export type Account = components["schemas"]["UserAnswer"];

/** Which appointments: those of an account, a patient or a dentist, by id; one's own; or of one's own those of a patient. */
export type Owner =
  | { readonly userId: string; readonly role: "patient" | "dentist" }
  | { readonly patientId: string }
  | "self";

const PATIENT = "appointments:patient:";

/** The channels of an owner, to an account: of all patients for whom it acts, or the one; throws where there is none. */
export function appointmentsChannels(owner: Owner, account: Account): string[] {
  if (owner === "self" || "patientId" in owner) {
    const isAll = owner === "self";
    if (account.role === "receptionist" || account.role === "admin") {
      return isAll ? ["appointments:all"] : patientChannels([owner.patientId]);
    }
    if (account.role === "chatbot") throw new SyncError("forbidden", "a chatbot has no appointments");
    // A dentist follows one patient in the own diary.
    if (!isAll && account.role === "patient") return patientChannels([owner.patientId]);
    return appointmentsChannels({ userId: account.id, role: account.role }, account);
  }
  const { userId, role } = owner;
  if (userId !== account.id) return [`appointments:${role}:${userId}`];
  const diary = account.dentistId ? [`appointments:dentist:${account.dentistId}`] : [];
  const found = role === "patient" ? patientChannels(patientsOf(account)) : diary;
  if (found.length === 0) throw new SyncError("forbidden", `the account ${userId} is no ${role}'s`);
  return found;
}

/** Whether its channels are others whenever the account acts for others. */
export function isOfAccount(owner: Owner | null, account: Account): boolean {
  if (account.role !== "patient" || owner === null) return false;
  return owner === "self" || ("userId" in owner && owner.userId === account.id);
}

/** Those for whom an account acts, by id; a server that knows nothing of guardians names the own record alone. */
export function patientsOf({ patients, patientId }: Omit<Account, "patients"> & Partial<Account>): string[] {
  return patients?.map(({ id }) => id) ?? (patientId ? [patientId] : []);
}

export function patientChannels(patientIds: readonly string[]): string[] {
  return patientIds.map((id) => PATIENT + id);
}

/** Whose channel it is, where it is a patient's. */
export function patientOf(channelName: string): string | null {
  return channelName.startsWith(PATIENT) ? channelName.slice(PATIENT.length) : null;
}
