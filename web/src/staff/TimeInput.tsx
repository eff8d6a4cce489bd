import { parseTime } from "@internationalized/date";
import type { ReactNode } from "react";
import { DateInput, DateSegment } from "react-aria-components/DateField";
import { TimeField } from "react-aria-components/TimeField";
import field from "../shared/Field.module.css";
import styles from "./TimeInput.module.css";

interface TimeInputProps {
  /** What screen readers call it; `children` is a label that is seen. */
  "aria-label"?: string;
  /** `HH:MM`, empty while it is not complete. */
  value: string;
  isWrong?: boolean;
  onChange: (value: string) => void;
  children?: ReactNode;
}

/** A time of the day from 00:00 to 23:59, as the page's language writes it, whatever the browser's is. */
export function TimeInput({ value, isWrong = false, onChange, children, ...labelled }: TimeInputProps) {
  return (
    <TimeField
      {...labelled}
      className={field["field"] ?? ""}
      hourCycle={24}
      shouldForceLeadingZeros
      value={value === "" ? null : parseTime(value)}
      isInvalid={isWrong}
      onChange={(time) => onChange(time?.toString().slice(0, "HH:MM".length) ?? "")}
    >
      {children}
      <DateInput className={`${field["input"]} ${styles["time"]}`}>
        {(segment) => <DateSegment segment={segment} className={styles["part"] ?? ""} />}
      </DateInput>
    </TimeField>
  );
}
