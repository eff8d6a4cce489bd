import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../shared/Button";
import field from "../shared/Field.module.css";
import { longDate, shifted } from "../shared/times";
import styles from "./Hours.module.css";
import { type Single, opening } from "./hours";
import { Times } from "./Times";

interface ExtrasProps {
  singles: Single[];
  today: string;
  onChange: (singles: Single[]) => void;
}

/** Hours on one date alone, beside those of every week. */
export function Extras({ singles, today, onChange }: ExtrasProps) {
  const { t } = useLingui();
  const replace = (key: number, changed: Partial<Single>) =>
    onChange(singles.map((each) => (each.key === key ? { ...each, ...changed } : each)));
  const nameOf = (date: string) => (date === "" ? t`One day` : longDate(date));
  return (
    <fieldset className={styles["week"]} aria-labelledby="extras">
      <header className={styles["weekHead"]}>
        <h3 id="extras">
          <Trans>Also on one day</Trans>
        </h3>
        <Button
          size="small"
          onPress={() => {
            const date = shifted(singles.at(-1)?.date || today, 1);
            onChange([...singles, { ...opening({ start: "08:00", end: "12:00" }), date }]);
          }}
        >
          <Trans>Add a day</Trans>
        </Button>
      </header>
      {singles.length === 0 && (
        <p className={styles["none"]}>
          <Trans>None. Add a day for work beside the weekly hours, such as a Saturday.</Trans>
        </p>
      )}
      {singles.length > 0 && (
        <ul className={styles["days"]}>
          {singles.map(({ key, date, ...times }) => (
            <li key={key} className={styles["single"]}>
              <input
                type="date"
                className={field["input"]}
                aria-label={t`Date: ${nameOf(date)}`}
                aria-invalid={date === ""}
                value={date}
                onChange={({ target }) => replace(key, { date: target.value })}
              />
              <Times
                name={nameOf(date)}
                opening={{ key, ...times }}
                onChange={(changed) => replace(key, changed)}
                onRemove={() => onChange(singles.filter((each) => each.key !== key))}
              />
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}
