import styles from "./Staff.module.css";

interface CheckProps {
  label: string;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
}

/** Something that is so or not. */
export function Check({ label, isChecked, onChange }: CheckProps) {
  return (
    <label className={styles["check"]}>
      <input type="checkbox" checked={isChecked} onChange={({ target }) => onChange(target.checked)} />
      {label}
    </label>
  );
}
