import { SyncError } from "../error.js";

/** Whether a query is to be tried again: the Api has tried for half a minute, and goes on as long as there is hope. */
export function mayPass(_failures: number, error: Error): boolean {
  return error instanceof SyncError && error.retryable;
}
