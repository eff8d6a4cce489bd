/** What can go wrong, with a code that stays as it is. Codes of the server pass through unchanged. */
export type SyncErrorCode =
  | "unauthorized"
  | "token-expired"
  | "account-disabled"
  | "too-many-connections"
  | "forbidden"
  | "unknown-channel"
  | "too-many-subscriptions"
  | "invalid-payload"
  | "rate-limited"
  | "unavailable"
  /** `getToken` failed. */
  | "token-unavailable"
  /** The service could not be reached, or the connection broke. */
  | "connection-lost"
  /** The session was ended: signed out, another password, another role, or switched off. */
  | "revoked"
  /** The server has closed this one subscription. */
  | "subscription-closed"
  /** The log does not reach back, and nobody gave `fetchSnapshot` or `onResync`: what was missed must be fetched. */
  | "resync-required"
  /** `fetchSnapshot` failed; it is tried again. */
  | "snapshot-failed"
  /** A callback of the application threw. */
  | "callback-failed"
  /** `realtimeSyncService` was used before `configure`. */
  | "not-configured"
  | (string & {});

const RETRYABLE: ReadonlySet<string> = new Set([
  "too-many-connections",
  "rate-limited",
  "unavailable",
  "token-unavailable",
  "connection-lost",
  "snapshot-failed",
]);

export class SyncError extends Error {
  override readonly name = "SyncError";
  /** Whether the client tries again by itself. */
  readonly retryable: boolean;

  constructor(
    readonly code: SyncErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.retryable = RETRYABLE.has(code);
  }
}
