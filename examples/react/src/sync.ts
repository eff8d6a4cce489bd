import { Session, browserStore, realtimeSyncService } from "@dental-sync/client";

/** Where Dental Sync is; `make run` serves it here. */
export const url: string = import.meta.env.VITE_DENTAL_SYNC_URL ?? "http://127.0.0.1:3000";

/** Lasts until signing out, in all tabs. */
export const session = new Session({ url, store: browserStore() });

/** From here on the hooks ask and follow as whoever has signed in. */
export function begin(): void {
  realtimeSyncService.configure({ url, getToken: session.getToken });
}
