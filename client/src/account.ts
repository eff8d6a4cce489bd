import { SyncError } from "./error.js";
import type { Owner } from "./subscription.js";

const ANSWER_WITHIN_MS = 30_000;

/** Who is signed in, as `GET /api/auth/me` says. */
export interface Account {
  id: string;
  role: string;
  patientId?: string | null;
  dentistId?: string | null;
}

export type Fetch = (input: string, init?: { headers?: Record<string, string>; signal?: AbortSignal }) => Promise<Response>;

export async function fetchAccount(url: string, token: string, fetch: Fetch): Promise<Account> {
  const answer = await fetch(`${url.replace(/\/+$/, "")}/api/auth/me`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!answer.ok) throw new SyncError("unavailable", `GET /api/auth/me answered ${answer.status}`);
  return (await answer.json()) as Account;
}

/** The channel of somebody who may be named by the account's id, or by the patient's or the dentist's. */
export function appointmentsChannel({ userId, role }: Owner, account: Account): string {
  if (userId !== account.id) return `appointments:${role}:${userId}`;
  const id = role === "patient" ? account.patientId : account.dentistId;
  if (!id) throw new SyncError("forbidden", `the account ${userId} is no ${role}'s`);
  return `appointments:${role}:${id}`;
}
