import type { Slot } from "@dental-sync/client";
import { useEffect, useRef, useState } from "react";
import { missing } from "./weeks";

const SHOWN_MS = 6_000;

/** Those that were in a list until just now; `list` names it, for another list is not a change. */
export function useGone(slots: Slot[] | undefined, list: string): Slot[] {
  const before = useRef<{ list: string; slots: Slot[] } | null>(null);
  const [gone, setGone] = useState<{ list: string; slots: Slot[] }>({ list, slots: [] });
  useEffect(() => {
    const last = before.current;
    before.current = slots === undefined ? null : { list, slots };
    if (slots === undefined || last === null || last.list !== list) return;
    const taken = missing(last.slots, slots);
    if (taken.length === 0) return;
    setGone((all) => ({ list, slots: [...(all.list === list ? all.slots : []), ...taken] }));
    setTimeout(() => setGone((all) => ({ ...all, slots: all.slots.filter((slot) => !taken.includes(slot)) })), SHOWN_MS);
  }, [slots, list]);
  return gone.list === list ? missing(gone.slots, slots ?? []) : [];
}
