import { type ReactNode, createContext, createElement, useContext } from "react";
import { type RealtimeSync, realtimeSyncService } from "../service.js";

const Context = createContext<RealtimeSync>(realtimeSyncService);

/** Gives the hooks below it an instance of one's own; without it they use `realtimeSyncService`. */
export function DentalSyncProvider({ sync, children }: { sync: RealtimeSync; children?: ReactNode }): ReactNode {
  return createElement(Context.Provider, { value: sync }, children);
}

export function useDentalSync(): RealtimeSync {
  return useContext(Context);
}
