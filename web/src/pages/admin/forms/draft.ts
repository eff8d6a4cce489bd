import { useState } from "react";

export interface Draft<Values extends object> {
  /** What is saved, and over it what was typed. What others save meanwhile shows wherever nothing was typed. */
  values: Values;
  /** What is to be different. */
  changes: Partial<Values>;
  /** What takes that back. */
  before: Partial<Values>;
  isChanged: boolean;
  set: (typed: Partial<Values>) => void;
  /** What was typed is forgotten. */
  discard: () => void;
}

/** A record that is being changed: `saved` is as it is now, live. */
export function useDraft<Values extends object>(saved: Values): Draft<Values> {
  const [typed, setTyped] = useState<Partial<Values>>({});
  const changes = changesOf(saved, typed);
  return {
    values: { ...saved, ...typed },
    changes,
    before: former(saved, changes),
    isChanged: Object.keys(changes).length > 0,
    set: (more) => setTyped((before) => ({ ...before, ...more })),
    discard: () => setTyped({}),
  };
}

/** What was typed and is not so already. */
export function changesOf<Values extends object>(saved: Values, typed: Partial<Values>): Partial<Values> {
  const different = Object.entries(typed).filter(([name, value]) => !isSame(saved[name as keyof Values], value));
  return Object.fromEntries(different) as Partial<Values>;
}

/** What takes changes back: the saved values of what they name. */
export function former<Values extends object>(saved: Values, changes: Partial<Values>): Partial<Values> {
  return Object.fromEntries(Object.keys(changes).map((name) => [name, saved[name as keyof Values]])) as Partial<Values>;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
