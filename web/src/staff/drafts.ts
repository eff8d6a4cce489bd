import type { Appointment } from "@dental-sync/client";
import { useEffect, useSyncExternalStore } from "react";
import { useAccount } from "../session";

/** Clinical notes that are typed and not saved yet. */
export interface Draft {
  text: string;
  /** The version that they were begun from. */
  version: number;
  appointment: Pick<Appointment, "id" | "patientName" | "startsAt" | "dentistId">;
}

// In the memory of this tab and nowhere else: they outlive a panel that is closed, a page that is left, and a session that has
// ended, and nobody but the account that has typed them finds them again.
let drafts: ReadonlyMap<string, Draft> = new Map();
let shown: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function keyOf(accountId: string, appointmentId: string): string {
  return `${accountId} ${appointmentId}`;
}

export interface Drafting {
  draft: Draft | null;
  keep: (draft: Draft) => void;
  drop: () => void;
}

/** What the account has typed about an appointment and not saved. */
export function useDraft(appointmentId: string): Drafting {
  const key = keyOf(useAccount()?.id ?? "", appointmentId);
  const draft = useSyncExternalStore(listen, () => drafts.get(key) ?? null);
  return {
    draft,
    keep: (next) => become(new Map(drafts).set(key, next)),
    drop: () => become(new Map([...drafts].filter(([each]) => each !== key))),
  };
}

/** All that the account has typed and not saved, but what is on the screen. */
export function useHiddenDrafts(): Draft[] {
  const accountId = useAccount()?.id ?? "";
  const all = useSyncExternalStore(listen, () => drafts);
  const onScreen = useSyncExternalStore(listen, () => shown);
  return [...all]
    .filter(([key, { appointment }]) => key.startsWith(`${accountId} `) && !onScreen.has(appointment.id))
    .map(([, draft]) => draft);
}

/** Says that the notes of an appointment are on the screen, as long as the component is there. */
export function useShown(appointmentId: string): void {
  useEffect(() => {
    show(new Set(shown).add(appointmentId));
    return () => show(new Set([...shown].filter((each) => each !== appointmentId)));
  }, [appointmentId]);
}

function show(next: ReadonlySet<string>): void {
  shown = next;
  tell();
}

function become(next: ReadonlyMap<string, Draft>): void {
  drafts = next;
  if (drafts.size > 0) window.addEventListener("beforeunload", ask);
  else window.removeEventListener("beforeunload", ask);
  tell();
}

/** They would be gone with the tab: the browser asks first. */
function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function tell(): void {
  for (const listener of [...listeners]) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
