import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { NumberField } from "react-aria-components/NumberField";
import { Text } from "react-aria-components/Text";
import styles from "../../../shared/Field.module.css";

interface AmountProps {
  label: string;
  hint?: string;
  /** The member of the body that a refusal may name. */
  name: string;
  /** Null is nothing said. */
  value: number | null;
  min: number;
  max: number;
  unit?: "minute" | "hour" | "day";
  /** What holds while nothing is said. */
  placeholder?: string;
  isRequired?: boolean;
  onChange: (value: number | null) => void;
}

/** A whole number, with its unit in words. */
export function Amount({ label, hint, name, value, min, max, unit, placeholder, isRequired = false, onChange }: AmountProps) {
  return (
    <NumberField
      className={styles["field"] ?? ""}
      name={name}
      value={value ?? Number.NaN}
      minValue={min}
      maxValue={max}
      step={1}
      formatOptions={{ maximumFractionDigits: 0, ...(unit && { style: "unit", unit, unitDisplay: "long" }) }}
      isRequired={isRequired}
      onChange={(typed) => onChange(Number.isNaN(typed) ? null : typed)}
    >
      <Label className={styles["label"] ?? ""}>{label}</Label>
      <Input className={styles["input"] ?? ""} placeholder={placeholder} />
      {hint && (
        <Text slot="description" className={styles["hint"] ?? ""}>
          {hint}
        </Text>
      )}
      <FieldError className={styles["wrong"] ?? ""} />
    </NumberField>
  );
}
