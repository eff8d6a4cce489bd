import { SyncError } from "./error.js";

/**
 * Gives an access token; `fresh` asks for another one than the last, which was refused or is about to expire. When it
 * fails it is asked again, unless it fails with a SyncError that is not `retryable`: then there is no sign-in.
 */
export type GetToken = (request: { fresh: boolean }) => string | Promise<string>;

export function tokenError(cause: unknown): SyncError {
  return cause instanceof SyncError ? cause : new SyncError("token-unavailable", "getToken failed", cause);
}
