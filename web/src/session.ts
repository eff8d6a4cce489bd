import { type Account, type Registration, Session, browserStore } from "@dental-sync/client";
import { useSyncExternalStore } from "react";
import { lent } from "./lent";
import { apiUrl } from "./place";
import { queries } from "./queries";

const session = new Session({ url: apiUrl, store: lent?.store ?? browserStore() });
// The tabs of a browser share one session: where another one signs in or out, this page is about somebody else.
const tabs = lent === null ? new BroadcastChannel("dental-sync") : null;
tabs?.addEventListener("message", () => location.reload());

/** The access token of whoever is signed in; rejects where nobody is. */
export const { getToken } = session;

let current: Account | null = null;
const listeners = new Set<() => void>();

/** Who is signed in; null is nobody. */
export function account(): Account | null {
  return current;
}

/** The same, for components. */
export function useAccount(): Account | null {
  return useSyncExternalStore(listen, account);
}

/** Goes on with the session that this browser keeps, if there is one. Call it once, before anything is shown. */
export async function open(): Promise<void> {
  // A browser that keeps nothing shows the pages as to a stranger.
  await become(await session.account().catch(() => null));
}

/** Rejects with ApiError `invalid-credentials`, and `second-factor-required` where a code is missing or wrong. */
export async function signIn(email: string, password: string, code?: string): Promise<Account> {
  return enter(await session.signIn(email, password, { code }));
}

/** Makes a patient's account and signs in. Rejects with ApiError, among them `email-taken` and `weak-password`. */
export async function register(registration: Registration): Promise<Account> {
  return enter(await session.register(registration));
}

async function enter(signedIn: Account): Promise<Account> {
  await become(signedIn);
  tabs?.postMessage("signed in");
  return signedIn;
}

/** Asks again who is signed in, for that has changed: another address, another record. */
export async function renew(): Promise<void> {
  // What was given out last is replaced, and comes with the account as it is now.
  await getToken();
  await getToken({ fresh: true });
  await become(await session.account());
  tabs?.postMessage("changed");
}

export async function signOut(): Promise<void> {
  await become(null);
  await session.signOut();
  tabs?.postMessage("signed out");
  // Another tab may have kept something until it heard of it.
  if (lent === null) await (await import("./device")).serve(null, session);
}

async function become(next: Account | null): Promise<void> {
  if (current !== null || next !== null) {
    const { follow, leave } = await import("./live");
    leave();
    if (next !== null) follow(getToken);
  }
  current = next;
  queries.clear();
  // A session that is lent leaves this device alone.
  if (lent === null) await (await import("./device")).serve(next, session);
  for (const listener of [...listeners]) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
