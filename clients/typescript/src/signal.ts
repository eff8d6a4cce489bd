// `AbortSignal.any`, `AbortSignal.timeout` and `signal.throwIfAborted` are younger than the browsers that are served.

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** Why it was aborted; older browsers do not keep a reason. */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException("The call was given up.", "AbortError");
}

/** Runs a task with a signal that is aborted after a time, or with another signal. */
export async function within<Result>(
  ms: number,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  const timer = setTimeout(() => controller.abort(), ms);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await task(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
