import { type Appointment, type Following, realtimeSyncService } from "@dental-sync/client";
import { plural } from "@lingui/core/macro";
import { useState } from "react";
import { toast } from "../shared/toasts";
import { inStaffWords } from "../staff/refusals";
import { undoEach } from "./undoing";

const OPEN = new Set<string>(["pending", "booked"]);

/** The appointments of a series that still stand, or did take place. */
export function standing(series: readonly Appointment[]): Appointment[] {
  return series.filter(({ status }) => status !== "cancelled");
}

/** Those that are changed with one of a series: itself, and whatever comes after it and is still to come. */
export function followers(series: readonly Appointment[], { id, startsAt }: Appointment): Appointment[] {
  return series.filter((each) => OPEN.has(each.status) && (each.id === id || each.startsAt > startsAt));
}

export interface Followers {
  isBusy: boolean;
  /** Those that stayed as they were, with the codes of why. */
  refused: Following["refused"];
  move: (startsAt: string) => Promise<void>;
  cancel: () => Promise<void>;
}

/** Changes an appointment and those of its series that follow it; says how many, with the way back, and which not. */
export function useFollowers(appointment: Appointment, own: (changed: Appointment) => void): Followers {
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Following["refused"]>([]);
  const { id, version } = appointment;

  async function make(change: Promise<Following>, words: (count: number) => string, isLastFirst: boolean): Promise<void> {
    setBusy(true);
    setRefused([]);
    try {
      const { appointments, refused } = await change;
      for (const each of appointments) own(each);
      setRefused(refused);
      const ids = appointments.map((each) => each.id);
      const backwards = isLastFirst ? ids.reverse() : ids;
      toast({ kind: "done", text: words(ids.length), undo: () => void undoEach(backwards, own) });
    } catch (problem) {
      toast({ kind: "refused", text: inStaffWords(problem) });
    } finally {
      setBusy(false);
    }
  }

  const move = (startsAt: string) => {
    const isEarlier = Date.parse(startsAt) < Date.parse(appointment.startsAt);
    const moved = realtimeSyncService.api.rescheduleFollowing(id, { startsAt }, { version });
    const words = (count: number) => plural(count, { one: "Moved: # appointment.", other: "Moved: # appointments." });
    // Whatever was moved to an earlier time stands where the one before it came from.
    return make(moved, words, isEarlier);
  };
  const cancel = () => {
    const cancelled = realtimeSyncService.api.cancelFollowing(id, { version });
    const words = (count: number) =>
      plural(count, { one: "Cancelled: # appointment.", other: "Cancelled: # appointments." });
    return make(cancelled, words, false);
  };
  return { isBusy, refused, move, cancel };
}
