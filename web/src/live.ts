import { type GetToken, VisitorSession, openSocket, realtimeSyncService } from "@dental-sync/client";
import { lent } from "./lent";
import { apiUrl } from "./place";

const visitor = new VisitorSession({ url: apiUrl });
let isVisiting = false;

/** From here on the hooks ask and follow as whoever has signed in. Apart, so that strangers do not load it. */
export function follow(getToken: GetToken): void {
  realtimeSyncService.configure({ url: apiUrl, getToken, ...(lent && { openSocket: lent.through(openSocket) }) });
  isVisiting = false;
}

/** The same for whoever has no account, and is told what is free. */
export function visit(): void {
  if (!isVisiting) follow(visitor.getToken);
  isVisiting = true;
}

/** Leave the connection; nothing of the former account is told any more. */
export function leave(): void {
  realtimeSyncService.close();
  isVisiting = false;
}
