import { ApiError, type Problem, SyncError } from "./error.js";

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** What became of one request. */
export type Outcome<Answer> = Succeeded<Answer> | Failed;

interface Succeeded<Answer> {
  error: null;
  answer: Answer;
}

interface Failed {
  error: SyncError;
  retryAfterMs: number;
}

const ANSWER_WITHIN_MS = 20_000;
// A server that is not there yet, not there any more, or asks for patience.
const PASSING = new Set([429, 502, 503, 504]);

export function failed(error: SyncError, retryAfterMs = 0): Failed {
  return { error, retryAfterMs };
}

/** Sends one request, once; rejects with the reason of `signal` only. */
export async function request<Answer>(
  fetch: Fetch,
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: object,
  signal?: AbortSignal,
): Promise<Outcome<Answer>> {
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(body && { "Content-Type": "application/json" }) },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(body && { body: JSON.stringify(body) }),
    });
    return await outcome<Answer>(response);
  } catch (cause) {
    signal?.throwIfAborted();
    return failed(new SyncError("connection-lost", `${method} ${url} was not answered`, cause));
  }
}

async function outcome<Answer>(response: Response): Promise<Outcome<Answer>> {
  const retryAfterMs = 1000 * (Number(response.headers.get("Retry-After")) || 0);
  if (response.status === 202) {
    return failed(new SyncError("still-pending", "it is stored, and the outcome not there yet"), retryAfterMs);
  }
  if (response.status === 204) return { error: null, answer: undefined as Answer };
  if (response.ok) return { error: null, answer: (await response.json()) as Answer };
  if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    return failed(new ApiError(response.status, (await response.json()) as Problem), retryAfterMs);
  }
  // What stands between here and the service has answered in its place.
  const code = PASSING.has(response.status) ? "unavailable" : "unexpected-answer";
  return failed(new SyncError(code, `${response.status} ${response.statusText}`.trim()), retryAfterMs);
}
