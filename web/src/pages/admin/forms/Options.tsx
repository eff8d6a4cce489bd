import { type ReactNode, useId } from "react";
import styles from "./Options.module.css";

interface OptionsProps<Value extends string> {
  label: ReactNode;
  value: Value;
  options: readonly { value: Value; name: ReactNode; hint?: ReactNode }[];
  onChange: (value: Value) => void;
}

/** One of a few, each with what it means. */
export function Options<Value extends string>({ label, value, options, onChange }: OptionsProps<Value>) {
  const name = useId();
  return (
    <fieldset className={styles["options"]}>
      <legend className={styles["legend"]}>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles["option"]}>
          <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>
            <span className={styles["name"]}>{option.name}</span>
            {option.hint !== undefined && <span className={styles["hint"]}>{option.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
