import { useRef, useSyncExternalStore } from "react";
import type { Held } from "./held";

/** What is being moved. It is told at every step to those alone who draw it, so that the rest of the sheet is not rendered. */
export interface Carrying {
  get: () => Held | null;
  set: (held: Held | null) => void;
  subscribe: (listener: () => void) => () => void;
}

export function useCarrying(): Carrying {
  const made = useRef<Carrying | null>(null);
  made.current ??= makeCarrying();
  return made.current;
}

function makeCarrying(): Carrying {
  const listeners = new Set<() => void>();
  let held: Held | null = null;
  return {
    get: () => held,
    set: (next) => {
      held = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Something of what is being moved; rendered anew when it changes and at no other step. */
export function useHeld<Value extends string | Held | null | undefined>(
  { get, subscribe }: Carrying,
  select: (held: Held | null) => Value,
): Value {
  return useSyncExternalStore(subscribe, () => select(get()));
}
