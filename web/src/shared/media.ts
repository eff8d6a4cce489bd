import { useCallback, useSyncExternalStore } from "react";

/** Whether a condition of CSS is met, such as `(min-width: 60rem)` or `print`. */
export function useMedia(condition: string): boolean {
  const listen = useCallback(
    (listener: () => void) => {
      const list = matchMedia(condition);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [condition],
  );
  return useSyncExternalStore(listen, () => matchMedia(condition).matches);
}
