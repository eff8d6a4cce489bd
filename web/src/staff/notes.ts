import { ApiError, type Appointment, type components, realtimeSyncService } from "@dental-sync/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAccount } from "../session";
import { useDraft, useShown } from "./drafts";
import { inStaffWords } from "./refusals";

type Notes = components["schemas"]["NotesAnswer"];

export const MOST_LETTERS = 10_000;

/** Whether the account reads and writes clinical notes: docs/permissions.md. */
export function useKeepsNotes(): boolean {
  const account = useAccount();
  return account?.role === "admin" || (account?.role === "dentist" && account.profession !== "assistant");
}

/** Two texts as one: what somebody else has written, then what was typed beside it. */
export function joined(theirs: string, mine: string): string {
  return [theirs, mine].filter((text) => text.trim() !== "").join("\n\n");
}

export interface NotesShown {
  /** Why there is nothing to show. */
  error: Error | null;
  /** What is stored; undefined until it is known. */
  stored: Notes | undefined;
  text: string;
  isUnsaved: boolean;
  /** What somebody else has stored since this was begun. */
  theirs: Notes | null;
  isBusy: boolean;
  refusal: string;
  type: (text: string) => void;
  /** Goes on from what the other one has stored, with this text: what is saved now replaces theirs. */
  goOn: (text: string) => void;
  discard: () => void;
  save: () => Promise<void>;
}

/** The clinical notes of an appointment. What is typed is kept until it is saved or discarded, whatever becomes of the page. */
export function useNotes({ id, patientName, startsAt, dentistId }: Appointment): NotesShown {
  const client = useQueryClient();
  const queryKey = ["notes", id];
  const { data: stored, error } = useQuery({
    queryKey,
    queryFn: () => realtimeSyncService.api.getNotes(id),
    // Nobody is told when they change, so they are looked at again by whoever comes back to them.
    refetchOnWindowFocus: true,
  });
  const { draft, keep, drop } = useDraft(id);
  useShown(id);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const version = stored?.version ?? 0;

  function keepFrom(text: string, from: number): void {
    setRefusal("");
    if (from === version && text === stored?.notes) drop();
    else keep({ text, version: from, appointment: { id, patientName, startsAt, dentistId } });
  }

  async function save(): Promise<void> {
    if (draft === null || isBusy) return;
    setBusy(true);
    setRefusal("");
    try {
      const saved = await realtimeSyncService.api.writeNotes(id, { notes: draft.text }, { version: draft.version });
      client.setQueryData(queryKey, saved);
      drop();
    } catch (problem) {
      if (problem instanceof ApiError && problem.code === "precondition-failed") {
        await client.invalidateQueries({ queryKey });
      } else setRefusal(inStaffWords(problem));
    }
    setBusy(false);
  }

  return {
    error,
    stored,
    text: draft?.text ?? stored?.notes ?? "",
    isUnsaved: draft !== null,
    theirs: draft !== null && stored !== undefined && stored.version !== draft.version ? stored : null,
    isBusy,
    refusal,
    type: (text) => keepFrom(text, draft?.version ?? version),
    goOn: (text) => keepFrom(text, version),
    discard: drop,
    save,
  };
}
