import { type RefObject, useLayoutEffect, useState } from "react";

/** When what has the focus within goes, the focus goes back to where it was before, if that is still there. */
export function useFocusBack(region: RefObject<HTMLElement | null>): void {
  // Before anything within takes it.
  const [opener] = useState(() => document.activeElement);
  useLayoutEffect(() => {
    const inside = region.current;
    return () => {
      if (!(opener instanceof HTMLElement) || inside === null || !inside.contains(document.activeElement)) return;
      // Once it is gone.
      setTimeout(() => {
        if (opener.isConnected && document.activeElement === document.body) opener.focus();
      });
    };
  }, [opener, region]);
}
