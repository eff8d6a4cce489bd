import { useSyncStatus } from "@dental-sync/client/react";
import { Trans } from "@lingui/react/macro";
import { useSeenUntil } from "../seen/asOf";
import styles from "./Freshness.module.css";
import { useNetwork } from "./online";
import { pastMoment } from "./times";

/** Whether what is shown is complete at this moment, and if not, as of when it is. */
export function Freshness() {
  const { status, asOf } = useSyncStatus();
  const seenUntil = useSeenUntil();
  const state = useNetwork() ? status : "offline";
  return (
    <p className={styles["sign"]} data-sync-state={state} role="status">
      <span className={styles["dot"]} aria-hidden="true" />
      <Words state={state} asOf={asOf ?? seenUntil} />
    </p>
  );
}

function Words({ state, asOf }: { state: string; asOf: Date | null }) {
  if (state === "live") return <Trans>Live</Trans>;
  if (state === "connecting" || state === "catching-up") return <Trans>Catching up</Trans>;
  if (asOf === null) return <Trans>Offline</Trans>;
  const time = pastMoment(asOf);
  return <Trans>Offline, as of {time}</Trans>;
}
