export interface Backoff {
  /** The wait after the first failure, at most, in milliseconds; default 500. */
  readonly firstMs: number;
  /** The longest wait, in milliseconds; default 30,000. */
  readonly longestMs: number;
}

export const BACKOFF: Backoff = { firstMs: 500, longestMs: 30_000 };

/**
 * How long to wait before the attempt that follows `failures` failed ones: twice as long each time up to the longest,
 * and of that a part between a half and all, lest everybody come back at once. `random` is in [0, 1).
 */
export function backoffMs(failures: number, random: number, { firstMs, longestMs }: Backoff = BACKOFF): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(Math.max(0, failures - 1), 30));
  return Math.round(full / 2 + (full / 2) * random);
}
