import { Trans } from "@lingui/react/macro";
import { dayOf, longDate, todayIn } from "../shared/times";
import { REGION, spoken } from "../words/language";
import styles from "./Sheet.module.css";
import type { SheetColumn } from "./columns";

/** What the column of a day is called. */
export function dayName(date: string): string {
  return dayOf(`${date}T12:00:00Z`, "UTC");
}

/** The title of a day, or of the week that begins with a Monday. */
export function DayTitle({ day, monday }: { day: string | undefined; monday: string | undefined }) {
  if (monday !== undefined) return <Trans>Week of {longDate(monday)}</Trans>;
  return day === undefined ? "…" : longDate(day);
}

interface DayHeadProps {
  column: SheetColumn;
  zone: string;
  now: Date;
  onOpen: (date: string) => void;
}

/** The head of a day in a week, which leads to that day. */
export function DayHead({ column: { id, name }, zone, now, onOpen }: DayHeadProps) {
  const short = new Date(`${id}T12:00:00Z`).toLocaleDateString(REGION[spoken()], {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
  return (
    <button
      type="button"
      className={styles["day"]}
      aria-current={id === todayIn(zone, now) ? "date" : undefined}
      title={name}
      onClick={() => onOpen(id)}
    >
      {short}
    </button>
  );
}
