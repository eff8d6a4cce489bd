import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../shared/Button";
import { Icon } from "../shared/Icon";
import styles from "./Hours.module.css";
import { type Opening, endsNextDay, faultOf } from "./hours";
import { TimeInput } from "./TimeInput";

interface TimesProps {
  /** Whose times, for screen readers. */
  name: string;
  opening: Opening;
  onChange: (times: { start?: string; end?: string }) => void;
  onRemove: () => void;
}

/** From when to when on one day; an end that is not after the beginning is on the next day. */
export function Times({ name, opening, onChange, onRemove }: TimesProps) {
  const { t } = useLingui();
  const { start, end } = opening;
  const fault = faultOf(opening);
  return (
    <div className={styles["times"]} role="group" aria-label={name} data-opening="">
      <TimeInput
        aria-label={t`From`}
        value={start}
        isWrong={fault !== null}
        onChange={(time) => onChange({ start: time })}
      />
      <span aria-hidden="true">–</span>
      <TimeInput aria-label={t`Until`} value={end} isWrong={fault !== null} onChange={(time) => onChange({ end: time })} />
      <Button size="small" look="quiet" aria-label={t`Remove this time: ${name}`} onPress={onRemove}>
        <Icon name="cross" />
      </Button>
      <p role="status" className={styles[fault === null ? "hint" : "wrong"]}>
        {fault === "missing" && <Trans>Both times are needed.</Trans>}
        {fault === "no-time" && <Trans>The two times are the same.</Trans>}
        {fault === null && endsNextDay(opening) && <Trans>until the next day</Trans>}
      </p>
    </div>
  );
}
