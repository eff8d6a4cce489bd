import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { RealtimeSync } from "../service.js";
import type { SyncState } from "../state.js";
import { useDentalSync } from "./context.js";

// Longer than an application takes that signs in on its first page.
const WARN_AFTER_MS = 1_000;
const warned = new WeakSet<RealtimeSync>();

/** Whether the screen is live, and as of when it is complete. */
export function useSyncStatus(): SyncState {
  const sync = useDentalSync();
  const subscribe = useCallback((notify: () => void) => sync.onStateChange(notify), [sync]);
  const get = useCallback(() => sync.getState(), [sync]);
  return useSyncExternalStore(subscribe, get, get);
}

/** Which `configure` this is: everything that is subscribed to or cached belongs to one. Zero is said in the console. */
export function useSession(): number {
  const sync = useDentalSync();
  const subscribe = useCallback((notify: () => void) => sync.onStateChange(notify), [sync]);
  const get = useCallback(() => sync.session, [sync]);
  const session = useSyncExternalStore(subscribe, get, get);
  useEffect(() => {
    if (session > 0 || warned.has(sync)) return;
    const timer = setTimeout(() => {
      warned.add(sync);
      console.warn(`Dental Sync: ${sync.getState().error?.message}. The hooks of this page wait for it.`);
    }, WARN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [sync, session]);
  return session;
}
