import type { FreeTimes, FreeTimesWanted, Slot } from "@dental-sync/client";
import { useAvailability } from "@dental-sync/client/react";
import { useEffect, useLayoutEffect } from "react";
import { visit } from "../../live";
import { account as signedIn, useAccount } from "../../session";
import { Freshness } from "../../shared/Freshness";
import { useSessionEnd } from "../../shared/following";

// Before the hooks are used for the first time; later, whenever somebody has signed out.
if (signedIn() === null) visit();

export interface Told {
  slots: Slot[] | undefined;
  error: Error | null;
}

interface FollowProps {
  wanted: FreeTimesWanted;
  /** What is shown already. */
  initial: FreeTimes | undefined;
  onTold: (told: Told) => void;
}

/** Follows what is free, with an account or without one, and shows how fresh it is. Apart: it is loaded when times are shown. */
export function Follow({ wanted, initial, onTold }: FollowProps) {
  const account = useAccount();
  useLayoutEffect(() => {
    if (account === null) visit();
  }, [account]);
  const { slots, error } = useAvailability(wanted, { initial });
  useEffect(() => onTold({ slots, error }), [slots, error, onTold]);
  return (
    <>
      {account !== null && <SessionEnd />}
      <Freshness />
    </>
  );
}

function SessionEnd() {
  useSessionEnd();
  return null;
}
