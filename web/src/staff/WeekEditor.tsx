import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Button } from "../shared/Button";
import { Field } from "../shared/Field";
import { longDate } from "../shared/times";
import { type Opening, WEEKDAYS, type Week, copied, isInOrder, weeklyMinutes } from "./hours";
import { CopyDay } from "./CopyDay";
import { DayEditor } from "./DayEditor";
import styles from "./Hours.module.css";
import { weekdayNames } from "./said";

interface WeekEditorProps {
  week: Week;
  today: string;
  onChange: (week: Week) => void;
  /** Other hours from a date on. */
  onPart: (date: string) => void;
  onRemove?: () => void;
}

/** The hours of each weekday, and from when to when they hold. */
export function WeekEditor({ week, today, onChange, onPart, onRemove }: WeekEditorProps) {
  const { t } = useLingui();
  const { key, from, to, days } = week;
  const names = weekdayNames();
  const [asksDates, setAsksDates] = useState(false);
  const showsDates = asksDates || from !== "" || to !== "";
  const [partAt, setPartAt] = useState<string | null>(null);
  const title = useTitleOf(week);
  const hours = Math.round(weeklyMinutes(week) / 6) / 10;
  const set = (weekday: number, openings: Opening[]) =>
    onChange({ ...week, days: days.map((each, index) => (index + 1 === weekday ? openings : each)) });
  return (
    <fieldset className={styles["week"]} aria-labelledby={`week-${key}`}>
      <header className={styles["weekHead"]}>
        <h3 id={`week-${key}`}>{title}</h3>
        <span className={styles["sum"]}>
          <Plural value={hours} one="# hour a week" other="# hours a week" />
        </span>
      </header>
      {showsDates && (
        <div className={styles["dates"]}>
          <Field
            label={t`Valid from (optional)`}
            type="date"
            value={from}
            onChange={(date) => onChange({ ...week, from: date })}
          />
          <Field
            label={t`Valid until (optional)`}
            type="date"
            value={to}
            onChange={(date) => onChange({ ...week, to: date })}
          />
          {!isInOrder(week) && (
            <p className={styles["wrong"]}>
              <Trans>The end must come after the beginning.</Trans>
            </p>
          )}
        </div>
      )}
      <ul className={styles["days"]}>
        {WEEKDAYS.map((weekday) => (
          <DayEditor
            key={weekday}
            name={names[weekday - 1] ?? ""}
            openings={days[weekday - 1] ?? []}
            onChange={(openings) => set(weekday, openings)}
            copy={<CopyDay weekday={weekday} onCopy={(others) => onChange(copied(week, weekday, others))} />}
          />
        ))}
      </ul>
      <footer className={styles["row"]}>
        {!showsDates && (
          <Button size="small" look="quiet" onPress={() => setAsksDates(true)}>
            <Trans>Only for some time</Trans>
          </Button>
        )}
        {partAt === null ? (
          <Button size="small" look="quiet" onPress={() => setPartAt(today)}>
            <Trans>Other hours from a date on</Trans>
          </Button>
        ) : (
          <>
            <Field label={t`Other hours from`} type="date" value={partAt} onChange={setPartAt} autoFocus />
            <Button
              size="small"
              isDisabled={partAt <= (from || today)}
              onPress={() => {
                onPart(partAt);
                setPartAt(null);
              }}
            >
              <Trans>Add these hours</Trans>
            </Button>
          </>
        )}
        {onRemove && (
          <Button size="small" look="quiet" onPress={onRemove} aria-label={t`Remove: ${title}`}>
            <Trans>Remove these hours</Trans>
          </Button>
        )}
      </footer>
    </fieldset>
  );
}

function useTitleOf({ from, to }: Week): string {
  const { t } = useLingui();
  if (from !== "" && to !== "") return t`From ${longDate(from)} to ${longDate(to)}`;
  if (from !== "") return t`From ${longDate(from)} on`;
  if (to !== "") return t`Until ${longDate(to)}`;
  return t`Every week`;
}
