import { t } from "@lingui/core/macro";
import { REGION, spoken } from "../../../words/language";
import { actionOf, actorOf } from "../../../staff/history";
import type { DayChange } from "./history";

/** A moment as one says it, by the clock of a zone: "26 Nov, 09:41:03". */
export function momentIn(instant: string, zone: string): string {
  return new Date(instant).toLocaleString(REGION[spoken()], {
    timeZone: zone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** A day as one says it beside others, by the clock of a zone: "Thu, 26 Nov". */
export function dayIn(instant: string, zone: string): string {
  const options = { timeZone: zone, weekday: "short", day: "numeric", month: "short" } as const;
  return new Date(instant).toLocaleDateString(REGION[spoken()], options);
}

/** What was done, in words. */
export function deedOf({ action, before, after }: Pick<DayChange, "action" | "before" | "after">): string {
  if (action === "reschedule" && before?.startsAt !== after?.startsAt) return t`Moved`;
  return actionOf({ action: action ?? "" });
}

/** Who has done it, in words; without an action it followed from another record, or nobody knows. */
export function doerOf({ action, actorName, actorRole }: Pick<DayChange, "action" | "actorName" | "actorRole">): string {
  if (actorRole === "system") return t`the service by itself`;
  if (action === null && actorRole === null) return t`not known`;
  return actorOf({ action: action ?? "", actorName, actorRole });
}
