import { FieldError } from "react-aria-components/FieldError";
import { Label } from "react-aria-components/Label";
import { TextArea } from "react-aria-components/TextArea";
import { TextField } from "react-aria-components/TextField";
import styles from "../../../shared/Field.module.css";

interface LinesProps {
  label: string;
  /** The member of the body that a refusal may name. */
  name: string;
  value: string;
  onChange: (text: string) => void;
}

/** A few lines of text. */
export function Lines({ label, name, value, onChange }: LinesProps) {
  return (
    <TextField className={styles["field"] ?? ""} name={name} value={value} onChange={onChange} maxLength={500}>
      <Label className={styles["label"] ?? ""}>{label}</Label>
      <TextArea className={styles["input"] ?? ""} rows={3} />
      <FieldError className={styles["wrong"] ?? ""} />
    </TextField>
  );
}
