import { Trans, useLingui } from "@lingui/react/macro";
import { Field } from "../../shared/Field";
import { longDate } from "../../shared/times";
import card from "../../sheet/Card.module.css";
import { Choose } from "../../staff/Choose";
import styles from "./Repeat.module.css";
import { MOST, type Repetition, type Unit, isPossible, lastOf, usual } from "./series";

interface RepeatProps {
  /** The date of the first. */
  date: string;
  /** Null is once. */
  value: Repetition | null;
  onChange: (value: Repetition | null) => void;
}

/** Whether a caller comes once or again and again, how far apart, how often, and what becomes of times that are taken. */
export function Repeat({ date, value, onChange }: RepeatProps) {
  const { t } = useLingui();
  const units = [
    { id: "day", name: t`Daily` },
    { id: "week", name: t`Weekly` },
    { id: "month", name: t`Monthly` },
  ];
  const takenHow = [
    { id: "skip", name: t`Leave it out` },
    { id: "refuse", name: t`Book none of them` },
  ];
  return (
    <>
      <Choose
        label={t`Repeat`}
        value={value?.every.unit ?? ""}
        options={units}
        none={t`Once`}
        onChange={(unit) => onChange(unit === "" ? null : usual(unit as Unit))}
      />
      {value !== null && (
        <>
          <div className={styles["numbers"]}>
            <Field
              label={{ day: t`Every … days`, week: t`Every … weeks`, month: t`Every … months` }[value.every.unit]}
              type="number"
              inputMode="numeric"
              value={shown(value.every.n)}
              onChange={(n) => onChange({ ...value, every: { ...value.every, n: Number.parseInt(n, 10) } })}
              isRequired
            />
            <Field
              label={t`How often in all`}
              type="number"
              inputMode="numeric"
              value={shown(value.count)}
              onChange={(count) => onChange({ ...value, count: Number.parseInt(count, 10) })}
              isRequired
            />
          </div>
          <Choose
            label={t`If a time is taken`}
            value={value.whenTaken}
            options={takenHow}
            onChange={(whenTaken) => onChange({ ...value, whenTaken: whenTaken as Repetition["whenTaken"] })}
          />
          <p className={card["soft"]} role="status">
            {isPossible(value) ? (
              <Trans>The last one: {longDate(lastOf(date, value))}</Trans>
            ) : (
              <Trans>Whole numbers, and 2 to {MOST} times in all.</Trans>
            )}
          </p>
        </>
      )}
    </>
  );
}

function shown(number: number): string {
  return Number.isNaN(number) ? "" : String(number);
}
