import { useCallback, useSyncExternalStore } from "react";
import type { SyncState } from "../state.js";
import { useDentalSync } from "./context.js";

/** Whether the screen is live, and as of when it is complete. */
export function useSyncStatus(): SyncState {
  const sync = useDentalSync();
  const subscribe = useCallback((notify: () => void) => sync.onStateChange(notify), [sync]);
  const get = useCallback(() => sync.getState(), [sync]);
  return useSyncExternalStore(subscribe, get, get);
}

/** Which `configure` this is: everything that is subscribed to or cached belongs to one. */
export function useSession(): number {
  const sync = useDentalSync();
  const subscribe = useCallback((notify: () => void) => sync.onStateChange(notify), [sync]);
  const get = useCallback(() => sync.session, [sync]);
  return useSyncExternalStore(subscribe, get, get);
}
