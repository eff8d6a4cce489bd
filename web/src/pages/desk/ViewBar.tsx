import { useLingui } from "@lingui/react/macro";
import { Choice, Either, StepChoice } from "../../sheet/Tuning";
import styles from "./Desk.module.css";
import type { View } from "./view";

interface ViewBarProps {
  view: View;
  hasChairs: boolean;
  step: number;
  onStep: (step: number) => void;
}

/** What the columns of the sheet are, and how fine its grid is. */
export function ViewBar({ view, hasChairs, step, onStep }: ViewBarProps) {
  const { t } = useLingui();
  const { by, isWeek, one, choices, show } = view;
  return (
    <div className={styles["tools"]}>
      <Choice
        label={by === "chair" ? t`Chair` : t`Dentist`}
        value={one?.id ?? ""}
        options={choices}
        onChange={(id) => show({ one: id })}
      />
      {(hasChairs || by === "chair") && (
        <Either
          label={t`Columns`}
          value={by}
          options={[
            ["dentist", t`Dentists`],
            ["chair", t`Chairs`],
          ]}
          onChange={(next) => show({ by: next })}
        />
      )}
      <Either
        label={t`Time shown`}
        value={isWeek ? "week" : "day"}
        options={[
          ["day", t`Day`],
          ["week", t`Week`],
        ]}
        onChange={(next) => show({ isWeek: next === "week" })}
      />
      <StepChoice step={step} onChange={onStep} />
    </div>
  );
}
