import { ApiError, type Problem, StillPending, SyncError } from "./error.js";
import { throwIfAborted, within } from "./signal.js";

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
  /** Whether it is certain that nothing was done. */
  isUndone: boolean;
}

const ANSWER_WITHIN_MS = 20_000;
// A server that is not there yet, not there any more, or asks for patience.
const PASSING = new Set([429, 502, 503, 504]);

export function failed(error: SyncError, { retryAfterMs = 0, isUndone = false }: Partial<Omit<Failed, "error">> = {}): Failed {
  return { error, retryAfterMs, isUndone };
}

/**
 * Sends one request, once. Rejects with the reason of `signal`, and with what is no failure of the network: what is wrong
 * in the request is found before anything is sent, and would be wrong again.
 */
export async function request<Answer>(
  fetch: Fetch,
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: object,
  signal?: AbortSignal,
): Promise<Outcome<Answer>> {
  throwIfAborted(signal);
  const sent = body instanceof Blob ? { type: body.type, body } : { type: "application/json", body: JSON.stringify(body) };
  const init: RequestInit = {
    method,
    headers: { ...headers, ...(body && { "Content-Type": sent.type }) },
    ...(body && { body: sent.body }),
  };
  return within(ANSWER_WITHIN_MS, signal, async (either) => {
    let response: Response;
    let received: string | Blob;
    try {
      response = await fetch(url, { ...init, signal: either });
      received = await (isOf(response, "application/zip") ? response.blob() : response.text());
    } catch (cause) {
      throwIfAborted(signal);
      return failed(new SyncError("connection-lost", `${method} ${url} was not answered`, cause));
    }
    return outcome<Answer>(response, received);
  });
}

function isOf(response: Response, type: string): boolean {
  return response.headers.get("Content-Type")?.startsWith(type) ?? false;
}

function outcome<Answer>(response: Response, received: string | Blob): Outcome<Answer> {
  const retryAfterMs = 1000 * (Number(response.headers.get("Retry-After")) || 0);
  // Without a body nobody need wait for what follows, a mail for example.
  const isDone = response.status === 204 || (response.status === 202 && received === "");
  if (isDone) return { error: null, answer: undefined as Answer };
  if (response.ok || isOf(response, "application/problem+json")) {
    try {
      const answer: unknown = typeof received === "string" ? JSON.parse(received) : received;
      if (response.status === 202) return failed(new StillPending((answer as { id: string }).id), { retryAfterMs });
      if (response.ok) return { error: null, answer: answer as Answer };
      const error = new ApiError(response.status, answer as Problem);
      return failed(error, { retryAfterMs, isUndone: response.status === 429 });
    } catch {
      // A page in the place of an answer: `url` is not where the service is, or something stands in between.
      return failed(new SyncError("unexpected-answer", `${response.status}, and no JSON from ${response.url}`));
    }
  }
  // What stands between here and the service has answered in its place.
  const code = PASSING.has(response.status) ? "unavailable" : "unexpected-answer";
  return failed(new SyncError(code, `${response.status} ${response.statusText}`.trim()), { retryAfterMs });
}
