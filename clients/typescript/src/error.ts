import type { components as events } from "./wire/events.js";
import type { components as rest, ProblemCode } from "./wire/rest.js";

/** What can go wrong, with a code that stays as it is. Codes of the server pass through unchanged. */
export type SyncErrorCode =
  | ProblemCode
  | events["schemas"]["Error"]["code"]
  | "too-many-connections"
  /** `getToken` failed. */
  | "token-unavailable"
  /** The service could not be reached, or the connection broke. */
  | "connection-lost"
  /** The session was ended: signed out, another password, another role, or switched off. */
  | "revoked"
  /** The server has closed this one subscription. */
  | "subscription-closed"
  /** The log does not reach back, and neither `fetchSnapshot` nor `onResync` is given: fetch what was missed. */
  | "resync-required"
  /** `fetchSnapshot` failed; it is tried again. */
  | "snapshot-failed"
  /** A callback of the application threw. */
  | "callback-failed"
  /** `realtimeSyncService` was used before `configure`. */
  | "not-configured"
  /** Something answered that is not Dental Sync: `url` says another place, or a proxy answered in its place. */
  | "unexpected-answer"
  /** A mistake in a program, in `cause`; it ends what was followed, for trying again would repeat it. */
  | "unexpected-failure"
  /** The outcome of a write is not there yet; it will be applied or refused, and the same key, or `settled`, asks for it again. */
  | "still-pending"
  | (string & {});

const RETRYABLE: ReadonlySet<string> = new Set([
  "too-many-connections",
  "rate-limited",
  "unavailable",
  "token-unavailable",
  "connection-lost",
  "snapshot-failed",
  "still-pending",
]);

export class SyncError extends Error {
  override readonly name: string = "SyncError";
  /** Whether trying again may help: the client does so by itself where it lasts. */
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

export type Problem = rest["schemas"]["Problem"];
export type Slot = rest["schemas"]["SlotAnswer"];

/** A write whose outcome is not there yet. */
export class StillPending extends SyncError {
  override readonly name = "StillPending";

  constructor(
    /** For `api.settled`. */
    readonly writeId: string,
  ) {
    super("still-pending", "it is stored, and the outcome not there yet");
  }
}

/** A refusal of the API (RFC 9457). */
export class ApiError extends SyncError {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.code, problem.detail);
  }

  /** Other times to take, where the one that was wanted is taken. */
  get alternatives(): Slot[] {
    return (this.problem["alternatives"] as Slot[] | undefined) ?? [];
  }
}
