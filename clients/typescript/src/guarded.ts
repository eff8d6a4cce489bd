import { SyncError } from "./error.js";
import type { ActiveSubscription } from "./subscription.js";

/** Calls back: what one callback does is no reason to keep a message from the others. */
export function guarded(subscriptions: ActiveSubscription[], callBack: () => void): void {
  try {
    callBack();
  } catch (thrown) {
    const error = new SyncError("callback-failed", "a callback threw", thrown);
    for (const subscription of subscriptions) subscription.fail(error);
    if (!subscriptions.some(({ callbacks }) => callbacks.onError)) console.error(error, thrown);
  }
}
