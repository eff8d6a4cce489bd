import type { FreeTimesWanted } from "@dental-sync/client";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { api } from "../../api";
import { useAccount } from "../../session";
import type { Told } from "./Follow";

/** What is free: fetched at once for visitors, and told by `Follow` as soon as that is there. */
export function useTimes(wanted: FreeTimesWanted | null) {
  const account = useAccount();
  const asked = JSON.stringify([account?.id, wanted]);
  const [heard, setHeard] = useState<Told & { asked: string }>({ asked: "", slots: undefined, error: null });
  const isFollowed = heard.asked !== "";
  const first = useQuery({
    queryKey: ["free", asked],
    queryFn: ({ signal }) => api.publicFreeTimes(wanted as FreeTimesWanted, { signal }),
    enabled: wanted !== null && account === null && !isFollowed,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const told = heard.asked === asked ? heard : { slots: undefined, error: null };
  const onTold = useCallback((told: Told) => setHeard({ ...told, asked }), [asked]);
  return {
    slots: told.slots ?? first.data?.slots,
    error: told.error ?? first.error,
    initial: first.data,
    /** Whether what follows may be loaded: what is fetched without it is there. */
    mayFollow: isFollowed || account !== null || first.data !== undefined,
    onTold,
  };
}
