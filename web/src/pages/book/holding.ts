import type { Hold, HoldTime } from "@dental-sync/client";
import { useCallback, useEffect, useState } from "react";
import { api } from "../../api";

export interface Holding {
  /** Undefined while it is asked for. */
  hold: Hold | undefined;
  refusal: unknown;
  /** Asks once more, after a refusal or when it has expired. */
  again: () => void;
  /** It became an appointment: there is nothing to let go of. */
  used: () => void;
}

/** Keeps a time for as long as the component is there; null keeps none. A refusal is asked again for another patient. */
export function useHold(wish: HoldTime | null): Holding {
  const [state, setState] = useState<{ hold?: Hold; refusal?: unknown }>({});
  const [attempt, setAttempt] = useState(0);
  const { hold } = state;
  // Who is to come is judged and not kept: what is held may be booked for another patient of the account.
  const asked = wish === null || hold !== undefined ? null : JSON.stringify(wish);
  useEffect(() => {
    if (asked === null) return;
    let isWanted = true;
    setState({});
    // A moment later: while one develops, React shows each component twice.
    const timer = setTimeout(() => {
      take(JSON.parse(asked) as HoldTime).then(
        (hold) => (isWanted ? setState({ hold }) : letGo(hold)),
        (refusal: unknown) => isWanted && setState({ refusal }),
      );
    });
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [asked, attempt]);
  useEffect(() => (hold === undefined ? undefined : () => letGo(hold)), [hold]);
  return {
    hold,
    refusal: state.refusal,
    again: useCallback(() => {
      setState({});
      setAttempt((before) => before + 1);
    }, []),
    used: useCallback(() => sessionStorage.removeItem(KEPT), []),
  };
}

// Where a page that is loaded anew finds what it holds.
const KEPT = "dental-sync hold";

async function take(wish: HoldTime): Promise<Hold> {
  const before = kept();
  const isSame = (["dentistId", "startsAt", "treatmentId"] as const).every((name) => before?.[name] === wish[name]);
  if (before !== null && isSame && isAlive(before)) return before;
  const hold = await api.hold(wish);
  sessionStorage.setItem(KEPT, JSON.stringify(hold));
  return hold;
}

function kept(): Hold | null {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Hold | null;
}

function isAlive({ expiresAt }: Hold): boolean {
  return Date.parse(expiresAt) > Date.now();
}

/** Unless it was booked or has expired. The answer is not waited for: one that stays expires. */
function letGo(hold: Hold): void {
  if (kept()?.id !== hold.id) return;
  sessionStorage.removeItem(KEPT);
  if (isAlive(hold)) api.release(hold.id).catch(() => {});
}
