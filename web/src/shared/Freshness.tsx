import { useSyncStatus } from "@dental-sync/client/react";
import { Trans } from "@lingui/react/macro";
import { useSyncExternalStore } from "react";
import styles from "./Freshness.module.css";
import { clockTime } from "./times";

/** Whether what is shown is complete at this moment, and if not, as of when it is. */
export function Freshness() {
  const { status, asOf } = useSyncStatus();
  const isOnline = useSyncExternalStore(listen, () => navigator.onLine);
  const state = isOnline ? status : "offline";
  return (
    <p className={styles["sign"]} data-sync-state={state} role="status">
      <span className={styles["dot"]} aria-hidden="true" />
      <Words state={state} asOf={asOf} />
    </p>
  );
}

function Words({ state, asOf }: { state: string; asOf: Date | null }) {
  if (state === "live") return <Trans>Live</Trans>;
  if (state === "connecting" || state === "catching-up") return <Trans>Catching up</Trans>;
  if (asOf === null) return <Trans>Offline</Trans>;
  const time = clockTime(asOf);
  return <Trans>Offline, as of {time}</Trans>;
}

function listen(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
