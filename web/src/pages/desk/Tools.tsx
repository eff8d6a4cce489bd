import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../../shared/Button";
import { Days } from "../../staff/Days";
import { Keys } from "../../staff/Keys";
import styles from "./Desk.module.css";

interface ToolsProps {
  day: string;
  today: string;
  /** How many days earlier and later are away. */
  step: number;
  onGo: (day: string) => void;
}

/** Which day, and what keys do. */
export function Tools({ day, today, step, onGo }: ToolsProps) {
  const { t } = useLingui();
  return (
    <nav className={styles["tools"]} aria-label={t`Days`} data-print="none">
      <Days day={day} today={today} step={step} onGo={onGo} />
      <Button size="small" look="quiet" onPress={() => window.print()}>
        <Trans>Print</Trans>
      </Button>
      <Keys canBook more={[["Ctrl K", t`Find a patient`]]} />
    </nav>
  );
}
