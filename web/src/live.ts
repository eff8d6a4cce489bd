import { type GetToken, VisitorSession, openSocket, realtimeSyncService } from "@dental-sync/client";
import { lent } from "./lent";
import { apiUrl } from "./place";
import { queries } from "./queries";

const visitor = new VisitorSession({ url: apiUrl });
let isVisiting = false;

// What was asked for while there was no connection is asked for again.
realtimeSyncService.onStateChange(({ status }) => {
  if (status === "live") void queries.refetchQueries({ type: "active", predicate: ({ state }) => state.status === "error" });
});

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
