import { type Appointment, realtimeSyncService } from "@dental-sync/client";
import { plural, t } from "@lingui/core/macro";
import { useState } from "react";
import { span } from "../shared/times";
import { toast } from "../shared/toasts";
import { undoEach } from "../sheet/undoing";
import { codeInWords, inStaffWords } from "./refusals";
import { instantOf, localOf } from "./spans";

const LONGEST_DAYS = 31;
const DAY_MS = 86_400_000;

/** Whose appointments go to whom, and from when until when by the practice's clock. */
export interface Wish {
  dentistId: string;
  /** Empty until it is chosen. */
  to: string;
  from: string;
  until: string;
}

/** The instants of a wish; null while they are no span that one hand-over may have. */
export function spanOf({ from, until }: Wish, zone: string): { from: string; until: string } | null {
  const [begin, end] = [instantOf(from, zone), instantOf(until, zone)];
  if (begin === null || end === null) return null;
  const length = Date.parse(end) - Date.parse(begin);
  return length > 0 && length <= LONGEST_DAYS * DAY_MS ? { from: begin, until: end } : null;
}

/** What is handed over of a list: what is still to come and begins in the span. */
export function concerned<Each extends Pick<Appointment, "startsAt" | "status">>(
  appointments: readonly Each[],
  { from, until }: { from: string; until: string },
): Each[] {
  return appointments.filter(({ startsAt, status }) => {
    const start = Date.parse(startsAt);
    const isOpen = status === "booked" || status === "pending";
    return isOpen && start >= Date.parse(from) && start < Date.parse(until);
  });
}

/** The rest of a day that has begun, else all of it. */
export function restOf(day: string, zone: string, now: Date): Pick<Wish, "from" | "until"> {
  const { from, to } = span(day, zone);
  const begin = Math.max(Date.parse(from), Math.min(now.getTime(), Date.parse(to)));
  return { from: localOf(new Date(begin).toISOString(), zone), until: localOf(to, zone) };
}

/** Why a colleague does not take one of them. */
export function whyNot(code: string): string {
  return NOT_TAKEN[code]?.() ?? codeInWords(code);
}

const NOT_TAKEN: Record<string, (() => string) | undefined> = {
  "slot-taken": () => t`The colleague is not free then.`,
  "outside-working-hours": () => t`The colleague does not work then.`,
  "not-offered": () => t`The colleague does not offer this treatment.`,
};

export interface HandOver {
  wish: Wish;
  isBusy: boolean;
  /** Why all of it was refused. */
  problem: string | null;
  /** How many went, and what was refused, by id with its code; null before anything was handed over. */
  outcome: { moved: number; refused: ReadonlyMap<string, string> } | null;
  change: (wish: Partial<Wish>) => void;
  send: (zone: string) => Promise<void>;
  /** Gives one that was refused to the colleague in spite of it, for who may. */
  force: ((appointment: Appointment) => Promise<void>) | null;
  close: () => void;
}

/**
 * A hand-over that is being prepared, or what has become of it; null while there is none. `keepsAll`: the account keeps every
 * diary, and so can take back, and force, what is a colleague's then.
 */
export function useHandOver(keepsAll: boolean): { handOver: HandOver | null; begin: (wish: Wish) => void } {
  const [wish, setWish] = useState<Wish | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<HandOver["outcome"]>(null);

  function begin(next: Wish | null): void {
    setWish(next);
    setProblem(null);
    setOutcome(null);
  }

  async function send(zone: string): Promise<void> {
    const times = wish && spanOf(wish, zone);
    if (!wish || !times || isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      const { moved, refused } = await realtimeSyncService.api.handOver(wish.dentistId, { to: wish.to, ...times });
      setOutcome({ moved: moved.length, refused: new Map(refused.map(({ id, code }) => [id, code])) });
      if (moved.length > 0) {
        const text = plural(moved.length, { one: "Handed over: # appointment.", other: "Handed over: # appointments." });
        toast({ kind: "done", text, ...(keepsAll && { undo: () => void undoEach(moved, () => {}) }) });
      }
    } catch (refusal) {
      setOutcome(null);
      setProblem(inStaffWords(refusal));
    } finally {
      setBusy(false);
    }
  }

  async function force({ id, version }: Appointment): Promise<void> {
    if (wish === null) return;
    try {
      await realtimeSyncService.api.reschedule(id, { dentistId: wish.to, force: true }, { version });
      const text = plural(1, { one: "Handed over: # appointment.", other: "Handed over: # appointments." });
      toast({ kind: "done", text, undo: () => void undoEach([id], () => {}) });
    } catch (refusal) {
      toast({ kind: "refused", text: inStaffWords(refusal) });
    }
  }

  const change = (part: Partial<Wish>) => {
    if (wish !== null) begin({ ...wish, ...part });
  };
  const handOver = wish && { wish, isBusy, problem, outcome, change, send, force: keepsAll ? force : null, close: () => begin(null) };
  return { handOver, begin };
}
