import { t } from "@lingui/core/macro";
import { toast } from "../../../shared/toasts";
import { inStaffWords } from "../../../staff/refusals";
import type { Draft } from "./draft";

interface Saving<Values extends object> {
  /** What it is called in what is said. */
  name: string;
  draft: Draft<Values>;
  /** Rejects where it is refused; with `force` it is done although appointments are in the way. */
  change: (changes: Partial<Values>, force: boolean) => Promise<void>;
}

/** Sends what a draft changes, says so, and takes it back from what is said. */
export function saving<Values extends object>({ name, draft, change }: Saving<Values>): (force: boolean) => Promise<void> {
  return async (force) => {
    const { changes, before } = draft;
    await change(changes, force);
    draft.discard();
    done(t`Saved: ${name}.`, () => undo(name, change(before, false)));
  };
}

/** Says what was done, with the way back. */
export function done(text: string, undo?: () => Promise<void>): void {
  toast({ kind: "done", text, ...(undo && { undo: () => void undo() }) });
}

/** Says whether something was taken back. */
export async function undo(name: string, isUndone: Promise<void>): Promise<void> {
  await isUndone.then(() => done(t`Undone: ${name}.`), refused);
}

/** Says why something was not done. */
export function refused(refusal: unknown): void {
  toast({ kind: "refused", text: inStaffWords(refusal) });
}
