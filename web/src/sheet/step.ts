import { useSyncExternalStore } from "react";

/** The grids that one can choose, in minutes. */
export const STEPS = [5, 10, 15, 20, 30] as const;

const KEY = "dental-sync.step";
const listeners = new Set<() => void>();
// Where the browser keeps nothing, for as long as the page is open.
let chosen = read();

function read(): number | null {
  try {
    const stored = Number(localStorage.getItem(KEY));
    return STEPS.find((each) => each === stored) ?? null;
  } catch {
    return null;
  }
}

/** The widest grid that fits the practice's own times. */
export function usualStep(slotStepMinutes: number): number {
  return STEPS.findLast((each) => slotStepMinutes % each === 0) ?? STEPS[0];
}

/** The grid of this device: the one that was chosen on it, else the usual one. */
export function useStep(usual: number): [step: number, choose: (step: number) => void] {
  return [useSyncExternalStore(listen, () => chosen) ?? usual, choose];
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function choose(step: number): void {
  chosen = step;
  try {
    localStorage.setItem(KEY, String(step));
  } catch {
    // Said above.
  }
  for (const listener of listeners) listener();
}
