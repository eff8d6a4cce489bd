import { SyncError } from "./error.js";
import type { components } from "./wire/rest.js";

/** Who is signed in. */
export type Account = components["schemas"]["UserAnswer"];

/** Which appointments: those of an account, a patient or a dentist, by id, or one's own. */
export type Owner = { readonly userId: string; readonly role: "patient" | "dentist" } | "self";

/** The channel of an owner, to an account; throws where there is none. */
export function appointmentsChannel(owner: Owner, account: Account): string {
  if (owner === "self") {
    if (account.role === "receptionist" || account.role === "admin") return "appointments:all";
    if (account.role === "chatbot") throw new SyncError("forbidden", "a chatbot has no appointments");
    return appointmentsChannel({ userId: account.id, role: account.role }, account);
  }
  const { userId, role } = owner;
  if (userId !== account.id) return `appointments:${role}:${userId}`;
  const id = role === "patient" ? account.patientId : account.dentistId;
  if (!id) throw new SyncError("forbidden", `the account ${userId} is no ${role}'s`);
  return `appointments:${role}:${id}`;
}
