import type { Appointment } from "@dental-sync/client";
import { realtimeSyncService } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { inWords } from "../words/refusals";
import { type Move, make } from "./moves";
import { toast } from "../shared/toasts";

/** What each move is called on its button. */
export function useMoveWords(): Record<Move, string> {
  const { t } = useLingui();
  return {
    approve: t`Approve`,
    arrive: t`Arrived`,
    checkIn: t`Check in`,
    complete: t`Done`,
    noShow: t`Did not come`,
    undoNoShow: t`Came after all`,
  };
}

interface Moves {
  /** Those that wait for an answer, by id. */
  moving: ReadonlySet<string>;
  move: (how: Move, appointment: Appointment) => Promise<void>;
  undo: (moved: Appointment) => Promise<void>;
}

/** Makes moves, says what was done, and takes it back; `own` is told of each, so that it is not marked. */
export function useMoves(own: (changed: Appointment) => void): Moves {
  const { t } = useLingui();
  const [moving, setMoving] = useState<ReadonlySet<string>>(new Set());

  async function undo(moved: Appointment): Promise<void> {
    try {
      own(await realtimeSyncService.api.undo(moved.id));
      toast({ kind: "done", text: t`Undone: ${moved.patientName}.` });
    } catch (refusal) {
      toast({ kind: "refused", text: inWords(refusal) });
    }
  }

  async function move(how: Move, appointment: Appointment): Promise<void> {
    const { id, patientName } = appointment;
    const done: Record<Move, string> = {
      approve: t`Approved: ${patientName}.`,
      arrive: t`${patientName} has arrived.`,
      checkIn: t`${patientName} is checked in.`,
      complete: t`Done: ${patientName}.`,
      noShow: t`${patientName} did not come.`,
      undoNoShow: t`${patientName} is expected again.`,
    };
    setMoving((before) => new Set(before).add(id));
    try {
      const moved = await make(how, appointment);
      own(moved);
      toast({ kind: "done", text: done[how], undo: () => void undo(moved) });
    } catch (refusal) {
      toast({ kind: "refused", text: inWords(refusal) });
    } finally {
      setMoving((before) => new Set([...before].filter((each) => each !== id)));
    }
  }

  return { moving, move, undo };
}
