import type { Patient } from "../search";

type Fact = "name" | "birthDate" | "phone" | "email" | "remark";

/** What becomes of one record's say on something, when one takes in the other. */
export type Fate =
  /** It is what the record says that is left. */
  | "kept"
  /** The record that is left says something else. */
  | "dropped"
  /** There is nothing. */
  | "none";

export const FACTS: readonly Fact[] = ["name", "birthDate", "phone", "email", "remark"];

/**
 * What becomes of a record's facts, as the service merges: the record that stays keeps what it says, and takes from the
 * other one what it lacks; remarks are put together.
 */
export function fateOf(fact: Fact, record: Patient, other: Patient, stays: boolean): Fate {
  const said = record[fact];
  if (!said) return "none";
  if (stays || fact === "remark" || !other[fact] || other[fact] === said) return "kept";
  return "dropped";
}
