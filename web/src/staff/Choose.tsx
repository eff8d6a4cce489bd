import styles from "../shared/Field.module.css";

interface ChooseProps {
  label: string;
  value: string;
  options: readonly { id: string; name: string }[];
  /** What is said while nothing is chosen; without it one always is. */
  none?: string;
  autoFocus?: boolean;
  onChange: (id: string) => void;
}

/** One of several, by its id; the empty text is none. */
export function Choose({ label, value, options, none, autoFocus, onChange }: ChooseProps) {
  return (
    <label className={styles["field"]}>
      <span className={styles["label"]}>{label}</span>
      <select
        className={styles["input"]}
        value={value}
        autoFocus={autoFocus}
        onChange={({ target }) => onChange(target.value)}
      >
        {none !== undefined && <option value="">{none}</option>}
        {options.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
