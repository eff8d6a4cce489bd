import { Plural, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useId } from "react";
import styles from "./Choice.module.css";
import type { Place } from "./place";

interface ChoiceProps {
  place: Place;
  treatment: string;
  /** What for is settled already. */
  isFixed: boolean;
  dentists: Place["dentists"];
  dentist: string | undefined;
}

/** What for, and with whom. The browser's own lists: on a phone they are what everybody knows, and nothing is to be loaded. */
export function Choice({ place, treatment, isFixed, dentists, dentist }: ChoiceProps) {
  const { t } = useLingui();
  const navigate = useNavigate({ from: "/book" });
  const minutes = place.treatments.find(({ id }) => id === treatment)?.durationMinutes ?? 0;
  return (
    <div className={styles["choice"]}>
      {!isFixed && (
        <Select
          label={t`Treatment`}
          value={treatment}
          onChange={(id) => void navigate({ to: "/book", search: ({ date: _, ...now }) => ({ ...now, treatment: id }), resetScroll: false })}
          hint={<Plural value={minutes} one="# minute" other="# minutes" />}
        >
          {place.treatments.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      )}
      <Select
        label={t`With`}
        value={dentist ?? ""}
        onChange={(id) =>
          void navigate({
            to: "/book",
            search: ({ dentist: _, ...now }) => (id === "" ? now : { ...now, dentist: id }),
            resetScroll: false,
          })
        }
      >
        <option value="">{t`First available`}</option>
        {dentists.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </div>
  );
}

interface SelectProps {
  label: string;
  value: string;
  hint?: ReactNode;
  onChange: (value: string) => void;
  children: ReactNode;
}

function Select({ label, value, hint, onChange, children }: SelectProps) {
  const id = useId();
  return (
    <div className={styles["field"]}>
      <div className={styles["about"]}>
        <label className={styles["label"]} htmlFor={id}>
          {label}
        </label>
        {hint && <span className={styles["hint"]}>{hint}</span>}
      </div>
      <select id={id} className={styles["select"]} value={value} onChange={(event) => onChange(event.target.value)}>
        {children}
      </select>
    </div>
  );
}
