import type { Appointment } from "@dental-sync/client";
import { realtimeSyncService } from "@dental-sync/client";
import { todayIn, dateOf } from "../shared/times";

export type Move = "approve" | "arrive" | "checkIn" | "complete" | "noShow" | "undoNoShow";

const HALF_A_DAY_MS = 12 * 3_600_000;

/**
 * What may be done next with an appointment, the likeliest first, as docs/protocol.md has it ("Moves"). An assistant
 * receives patients and does no more. The server decides; this only keeps from offering what it would refuse.
 */
export function movesOf({ status, startsAt }: Appointment, zone: string, now: Date, isAssistant: boolean): Move[] {
  const start = Date.parse(startsAt);
  const isOnDay =
    dateOf(startsAt, zone) === todayIn(zone, now) || (start > now.getTime() && start - now.getTime() <= HALF_A_DAY_MS);
  const hasBegun = start <= now.getTime();
  const moves: Record<Appointment["status"], Move[]> = {
    pending: ["approve"],
    booked: [...(isOnDay ? (["arrive", "checkIn"] as const) : []), ...(hasBegun ? (["noShow"] as const) : [])],
    arrived: [...(isOnDay ? (["checkIn"] as const) : []), "complete", ...(hasBegun ? (["noShow"] as const) : [])],
    "checked-in": ["complete"],
    noshow: ["undoNoShow"],
    fulfilled: [],
    cancelled: [],
  };
  return moves[status].filter((move) => !isAssistant || move === "arrive" || move === "checkIn");
}

/** Makes a move of the version that is shown; rejects with ApiError where somebody else was first. */
export function make(move: Move, { id, version }: Appointment): Promise<Appointment> {
  return realtimeSyncService.api[move](id, { version });
}
