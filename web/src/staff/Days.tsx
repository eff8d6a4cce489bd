import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../shared/Button";
import { Icon } from "../shared/Icon";
import { shifted } from "../shared/times";
import styles from "./Days.module.css";

interface DaysProps {
  day: string;
  today: string;
  /** How many days earlier and later are away. */
  step?: number;
  onGo: (day: string) => void;
}

/** From one day to another: the one before, today, the one after, or any. */
export function Days({ day, today, step = 1, onGo }: DaysProps) {
  const { t } = useLingui();
  return (
    <>
      <Button size="small" onPress={() => onGo(shifted(day, -step))}>
        <Icon name="back" />
        <Trans>Earlier</Trans>
      </Button>
      <Button size="small" isDisabled={day === today} onPress={() => onGo(today)}>
        <Trans>Today</Trans>
      </Button>
      <Button size="small" onPress={() => onGo(shifted(day, step))}>
        <Trans>Later</Trans>
        <Icon name="arrow" />
      </Button>
      <input
        key={day}
        type="date"
        className={styles["date"]}
        aria-label={t`Day`}
        defaultValue={day}
        required
        onChange={({ target }) => {
          // Typed by keys it changes with every figure; a year of one figure is none yet.
          if (target.value > "1901") onGo(target.value);
        }}
      />
    </>
  );
}
