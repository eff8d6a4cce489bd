import { useSyncStatus } from "@dental-sync/client/react";
import { useSyncExternalStore } from "react";

/** Whether the browser has a network at all. */
export function useNetwork(): boolean {
  return useSyncExternalStore(listen, () => navigator.onLine);
}

/** Whether nothing can be changed, for there is no way to the practice's server. */
export function useOffline(): boolean {
  const { status } = useSyncStatus();
  return !useNetwork() || status === "offline";
}

function listen(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
