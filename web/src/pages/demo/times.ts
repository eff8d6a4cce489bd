import type { Slot } from "@dental-sync/client";
import { dateOf } from "../../shared/times";

interface Span {
  startsAt: string;
  endsAt: string;
}

// So that one day is enough for a look at everything.
const ENOUGH = 4;

/** The free times that overlap nothing of what is taken. */
export function apart(slots: Slot[], taken: Span[]): Slot[] {
  const isApart = (one: Span, other: Span) => one.endsAt <= other.startsAt || other.endsAt <= one.startsAt;
  return slots.filter((slot) => taken.every((span) => isApart(slot, span)));
}

/** The first time of the day that is shown, else of a day that has some more; undefined where there is none at all. */
export function first(slots: Slot[], zone: string, shown: string): Slot | undefined {
  const dateOfSlot = ({ startsAt }: Slot) => dateOf(startsAt, zone);
  const hasEnough = (slot: Slot) => slots.filter((other) => dateOfSlot(other) === dateOfSlot(slot)).length >= ENOUGH;
  return slots.find((slot) => dateOfSlot(slot) === shown) ?? slots.find(hasEnough) ?? slots[0];
}
