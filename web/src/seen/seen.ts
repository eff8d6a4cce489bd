import { realtimeSyncService } from "@dental-sync/client";
import type { Query, QueryClient } from "@tanstack/react-query";
import { basePath } from "../place";
import { seenUntil } from "./asOf";
import { fitting, nameOf } from "./names";
import { type Seen, read, sweep, write } from "./store";

const WRITE_AFTER_MS = 1_000;
/** The whole build is fetched, which must not be in the way of what is shown first. */
const KEEP_PAGES_AFTER_MS = 5_000;
/** Until when what was seen was known to be complete. */
const AS_OF = "as-of";

interface Keeping {
  accountId: string;
  queries: QueryClient;
  /** Who is signed in on this device, in whichever tab. */
  whoIs: () => Promise<string | null>;
}

/**
 * Keeps what an account sees, and shows what it has seen until it is answered: from here on, for each query that begins.
 * Returns what ends that.
 */
export async function keepSeen({ accountId: id, queries, whoIs }: Keeping): Promise<() => void> {
  const changed = new Map<string, Query>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const until = await read(id, AS_OF).catch(() => null);
  seenUntil(until && new Date(until.at));

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const seen = [...changed].map(([name, { state }]) => seenAs(id, name, state.data, state.dataUpdatedAt));
    changed.clear();
    const { asOf } = realtimeSyncService.getState();
    if (asOf !== null) seen.push(seenAs(id, AS_OF, null, asOf.getTime()));
    if (seen.length === 0) return;
    await write(seen);
    // Signed out meanwhile, in another tab: nothing of it stays.
    if ((await whoIs()) !== id) await sweep(null);
  }

  async function recall(query: Query, name: string): Promise<void> {
    const kept = await read(id, name);
    if (kept === null || query.state.data !== undefined) return;
    queries.setQueryData(query.queryKey, fitting(query.queryKey, kept.data), { updatedAt: kept.at });
  }

  const flushSoon = () => {
    timer ??= setTimeout(() => void flush().catch(() => {}), WRITE_AFTER_MS);
  };
  const flushNow = () => void flush().catch(() => {});
  const unsubscribe = queries.getQueryCache().subscribe((event) => {
    const name = nameOf(event.query.queryKey);
    if (name === null) return;
    if (event.type === "added") void recall(event.query, name).catch(() => {});
    if (event.type !== "updated" || event.action.type !== "success") return;
    changed.set(name, event.query);
    flushSoon();
  });
  document.addEventListener("visibilitychange", flushNow);
  const endListening = realtimeSyncService.onStateChange(flushSoon);
  return () => {
    unsubscribe();
    endListening();
    document.removeEventListener("visibilitychange", flushNow);
    clearTimeout(timer);
    seenUntil(null);
  };
}

function seenAs(account: string, name: string, data: unknown, at: number): Seen {
  return { account, name, data, at };
}

/** Lets the pages be opened where there is no network, in browsers that can; returns what ends that, while it has not begun. */
export function keepPages(): () => void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return () => {};
  const register = () => void navigator.serviceWorker.register(`${basePath}/service-worker.js`).catch(() => {});
  const timer = setTimeout(register, KEEP_PAGES_AFTER_MS);
  return () => clearTimeout(timer);
}
