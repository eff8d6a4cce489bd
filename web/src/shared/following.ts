import type { Appointment } from "@dental-sync/client";
import { realtimeSyncService } from "@dental-sync/client";
import { useRealtimeSync, useSyncStatus } from "@dental-sync/client/react";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { signOut } from "../session";
import { inWords } from "../words/refusals";
import { tell } from "./notice";

const MARKED_MS = 4_000;
const ENDED = new Set(["revoked", "unauthorized", "account-disabled"]);

/** The practice's clock is every page's. */
export function usePractice() {
  return useQuery({ queryKey: ["practice"], queryFn: () => realtimeSyncService.api.getPractice() });
}

/** Names of the treatments by id. */
export function useTreatmentNames(): (id: string) => string | undefined {
  const { data } = useQuery({ queryKey: ["treatments"], queryFn: () => realtimeSyncService.api.listTreatments({ limit: 200 }) });
  return (id) => data?.items.find((treatment) => treatment.id === id)?.name;
}

/** Signs out, and says why, where the session was ended elsewhere. */
export function useSessionEnd(): void {
  const { status, error } = useSyncStatus();
  const router = useRouter();
  const ended = status === "closed" && error !== null && ENDED.has(error.code) ? error : null;
  useEffect(() => {
    if (ended === null) return;
    const from = router.state.location.href;
    void signOut().then(async () => {
      tell(inWords(ended));
      await router.navigate({ to: "/sign-in", search: { from } });
    });
  }, [ended, router]);
}

export interface Changes {
  /** Those that somebody else has changed just now. */
  ids: ReadonlySet<string>;
  /** The last of them, to be announced. */
  last: Appointment | null;
  /** Says that a change was made here, and needs no mark. */
  own: (changed: Appointment) => void;
}

/** What others change, for a moment. */
export function useChanges(): Changes {
  const [changed, setChanged] = useState<ReadonlyMap<string, Appointment>>(new Map());
  const made = useRef(new Set<string>());
  const forget = useCallback((id: string, version: number) => {
    setChanged((before) => (before.get(id)?.version === version ? without(before, id) : before));
  }, []);
  useRealtimeSync("appointments", (told) => {
    if (told === null || typeof told === "string" || made.current.has(versionOf(told))) return;
    setChanged((before) => new Map(before).set(told.id, told));
    setTimeout(() => forget(told.id, told.version), MARKED_MS);
  });
  const own = useCallback(
    (appointment: Appointment) => {
      made.current.add(versionOf(appointment));
      // The message may have come before the answer.
      forget(appointment.id, appointment.version);
    },
    [forget],
  );
  return { ids: new Set(changed.keys()), last: [...changed.values()].at(-1) ?? null, own };
}

function versionOf({ id, version }: Appointment): string {
  return `${id} ${version}`;
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([each]) => each !== key));
}
