import { type GetToken, realtimeSyncService } from "@dental-sync/client";
import { apiUrl } from "./place";

/** From here on the hooks ask and follow as whoever has signed in. Apart, so that strangers do not load it. */
export function follow(getToken: GetToken): void {
  realtimeSyncService.configure({ url: apiUrl, getToken });
}

/** Leave the connection; nothing of the former account is told any more. */
export function leave(): void {
  realtimeSyncService.close();
}
