import { useRef } from "react";

/** What is made of the value before and the one that is computed: as much of the former as says the same. */
export function useKept<Value>(now: Value, keep: (before: Value, now: Value) => Value): Value {
  const before = useRef(now);
  before.current = keep(before.current, now);
  return before.current;
}
