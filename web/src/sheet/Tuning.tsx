import { useLingui } from "@lingui/react/macro";
import { useId } from "react";
import styles from "./Tuning.module.css";
import { STEPS } from "./step";

interface EitherProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly (readonly [value: Value, word: string])[];
  onChange: (value: Value) => void;
}

/** One of a few, all of which are seen. */
export function Either<Value extends string>({ label, value, options, onChange }: EitherProps<Value>) {
  const name = useId();
  return (
    <fieldset className={styles["either"]}>
      <legend className="unseen">{label}</legend>
      {options.map(([each, word]) => (
        <label key={each} className={styles["option"]}>
          <input type="radio" name={name} value={each} checked={each === value} onChange={() => onChange(each)} />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, word: string])[];
  onChange: (value: string) => void;
}

/** One of many, of which the chosen one is seen. */
export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <select
      className={styles["choice"]}
      aria-label={label}
      value={value}
      onChange={({ target }) => onChange(target.value)}
    >
      {options.map(([each, word]) => (
        <option key={each} value={each}>
          {word}
        </option>
      ))}
    </select>
  );
}

/** How fine the grid is on this device. */
export function StepChoice({ step, onChange }: { step: number; onChange: (step: number) => void }) {
  const { t } = useLingui();
  return (
    <Choice
      label={t`Grid`}
      value={String(step)}
      options={STEPS.map((each) => [String(each), t`${each} min`] as const)}
      onChange={(chosen) => onChange(Number(chosen))}
    />
  );
}
