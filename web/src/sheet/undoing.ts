import { type Appointment, realtimeSyncService } from "@dental-sync/client";
import { plural } from "@lingui/core/macro";
import { toast } from "../shared/toasts";
import { inStaffWords } from "../staff/refusals";

/**
 * Takes back the last move of each of several appointments, one after the other: whatever stands where another one comes back
 * to has to come before it. Says how many are as they were, and why others are not; `own` is told of each. It does not reject.
 */
export async function undoEach(ids: readonly string[], own: (changed: Appointment) => void): Promise<void> {
  let count = 0;
  let refusal: unknown = null;
  for (const id of ids) {
    try {
      own(await realtimeSyncService.api.undo(id));
      count += 1;
    } catch (problem) {
      refusal = problem;
    }
  }
  const done = plural(count, { one: "Undone: # appointment.", other: "Undone: # appointments." });
  if (refusal === null) toast({ kind: "done", text: done });
  else toast({ kind: "refused", text: `${done} ${inStaffWords(refusal)}` });
}
