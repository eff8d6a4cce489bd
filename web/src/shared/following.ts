import type { Appointment } from "@dental-sync/client";
import { realtimeSyncService } from "@dental-sync/client";
import { useRealtimeSync, useSyncStatus } from "@dental-sync/client/react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
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
  const navigate = useNavigate();
  const here = useRouterState({ select: ({ location }) => location.href });
  const ended = status === "closed" && error !== null && ENDED.has(error.code) ? error : null;
  useEffect(() => {
    if (ended === null) return;
    void signOut().then(async () => {
      tell(inWords(ended));
      await navigate({ to: "/sign-in", search: { from: here } });
    });
  }, [ended, navigate, here]);
}

/** Which appointments have just been changed by somebody, for a moment, and the last of them to be announced. */
export function useJustChanged(): { ids: ReadonlySet<string>; last: Appointment | null } {
  const [changed, setChanged] = useState<Map<string, Appointment>>(new Map());
  useRealtimeSync("appointments", (told) => {
    if (told === null || typeof told === "string") return;
    setChanged((before) => new Map(before).set(told.id, told));
    setTimeout(() => {
      setChanged((before) => {
        if (before.get(told.id) !== told) return before;
        const after = new Map(before);
        after.delete(told.id);
        return after;
      });
    }, MARKED_MS);
  });
  return { ids: new Set(changed.keys()), last: [...changed.values()].at(-1) ?? null };
}
