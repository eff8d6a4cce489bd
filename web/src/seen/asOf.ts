import { useSyncExternalStore } from "react";

let until: Date | null = null;
const listeners = new Set<() => void>();

/** Says until when what was kept of the last visit was known to be complete; null where nothing was kept. */
export function seenUntil(moment: Date | null): void {
  until = moment;
  for (const listener of [...listeners]) listener();
}

/** The same, for components. */
export function useSeenUntil(): Date | null {
  return useSyncExternalStore(listen, () => until);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
