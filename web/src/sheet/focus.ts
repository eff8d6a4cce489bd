import { type RefObject, useLayoutEffect, useRef } from "react";

/** An appointment that goes to another column is another element: it keeps the focus. */
export function useFocusKept(area: RefObject<HTMLElement | null>): void {
  const focused = useRef<string | null>(null);
  useLayoutEffect(() => {
    const listened = area.current;
    const keep = ({ target }: FocusEvent) => {
      focused.current = (target as HTMLElement).dataset["appointmentId"] ?? null;
    };
    const forget = ({ target }: FocusEvent) => {
      if ((target as HTMLElement).isConnected) focused.current = null;
    };
    listened?.addEventListener("focusin", keep);
    listened?.addEventListener("focusout", forget);
    return () => {
      listened?.removeEventListener("focusin", keep);
      listened?.removeEventListener("focusout", forget);
    };
  }, [area]);
  useLayoutEffect(() => {
    if (focused.current === null || document.activeElement !== document.body) return;
    area.current
      ?.querySelector<HTMLElement>(`[data-appointment-id="${focused.current}"]`)
      ?.focus({ preventScroll: true });
  });
}
