import { useSyncExternalStore } from "react";

let waiting: string | null = null;
let shown: string | null = null;
const listeners = new Set<() => void>();

/** Says something at the head of the page that comes next. */
export function tell(notice: string): void {
  waiting = notice;
}

/** A page is there: shows what waited for it, and takes away what the page before showed. */
export function turnPage(): void {
  shown = waiting;
  waiting = null;
  for (const listener of [...listeners]) listener();
}

export function useNotice(): string | null {
  return useSyncExternalStore(listen, () => shown);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
