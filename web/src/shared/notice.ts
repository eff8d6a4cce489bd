import { useSyncExternalStore } from "react";

let shown: string | null = null;
const listeners = new Set<() => void>();

/** Says something at the head of the page that comes next; null takes it away. */
export function tell(notice: string | null): void {
  shown = notice;
  for (const listener of [...listeners]) listener();
}

export function useNotice(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
