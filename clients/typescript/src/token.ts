import { SyncError } from "./error.js";

/**
 * Gives an access token; `fresh` asks for another one than the last, which was refused or is about to expire. When it
 * fails it is asked again, unless it fails with a SyncError that is not `retryable`: then there is no sign-in.
 */
export type GetToken = (request: { fresh: boolean }) => string | Promise<string>;

/** What is left of a token's life when it is renewed, at most; of a short one a fifth. */
const TO_SPARE_MS = 10_000;

/** How long a token is used that is valid for so many seconds. */
export function goodForMs(expiresIn: number): number {
  const lifeMs = 1000 * expiresIn;
  return lifeMs - Math.min(TO_SPARE_MS, lifeMs / 5);
}

export function tokenError(cause: unknown): SyncError {
  return cause instanceof SyncError ? cause : new SyncError("token-unavailable", "getToken failed", cause);
}
