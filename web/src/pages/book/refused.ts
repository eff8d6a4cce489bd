import { ApiError, type Slot } from "@dental-sync/client";

export function isCode(error: unknown, code: string): boolean {
  return error instanceof ApiError && error.code === code;
}

/** The times that a refusal offers in place of the one that is taken, if it does. */
export function alternativesOf(error: unknown): Slot[] | undefined {
  return error instanceof ApiError && error.alternatives.length > 0 ? error.alternatives : undefined;
}
