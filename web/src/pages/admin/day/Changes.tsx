import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { Button } from "../../../shared/Button";
import { type Chair, type Treatment, useChairs } from "../../../sheet/ground";
import { timeOf } from "../../../shared/times";
import styles from "./DayAgain.module.css";
import { Difference } from "./Difference";
import { type DayChange, differences } from "./history";
import { dayIn, deedOf, doerOf, momentIn } from "./words";

interface ChangesProps {
  /** The oldest first. */
  changes: readonly DayChange[];
  /** The position of the last change that has happened in what is shown. */
  current: number | undefined;
  zone: string;
  treatments: readonly Treatment[];
  hasOlder: boolean;
  isFetchingOlder: boolean;
  onOlder: () => void;
  onGo: (position: number) => void;
}

/** What changed, who did it, and the way to how it was after it; the newest first. */
export function Changes({ changes, current, ...props }: ChangesProps) {
  const { t } = useLingui();
  const chairs = useChairs();
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const item = list.current?.querySelector<HTMLElement>("[aria-current]");
    // The list alone: the page stays where it is.
    if (item && list.current) list.current.scrollTop = item.offsetTop - list.current.clientHeight / 3;
  }, [current]);
  return (
    <>
      <ol ref={list} className={styles["changes"]} aria-label={t`Changes`} tabIndex={-1}>
        {[...changes].reverse().map((change) => (
          <li key={change.position}>
            <One
              change={change}
              isCurrent={change.position === current}
              zone={props.zone}
              treatments={props.treatments}
              chairs={chairs}
              onGo={props.onGo}
            />
          </li>
        ))}
        {props.hasOlder && (
          <li>
            <Button size="small" isBusy={props.isFetchingOlder} onPress={props.onOlder}>
              <Trans>Show earlier changes</Trans>
            </Button>
          </li>
        )}
      </ol>
    </>
  );
}

interface OneProps {
  change: DayChange;
  isCurrent: boolean;
  zone: string;
  treatments: readonly Treatment[];
  chairs: readonly Chair[];
  onGo: (position: number) => void;
}

function One({ change, isCurrent, zone, treatments, chairs, onGo }: OneProps) {
  const { position, occurredAt, before, after } = change;
  const shown = after ?? before;
  const doer = doerOf(change);
  const deed = deedOf(change);
  return (
    <article className={styles["change"]} data-position={position} aria-current={isCurrent ? "step" : undefined}>
      <button type="button" className={styles["go"]} onClick={() => onGo(position)}>
        <span className={styles["head"]}>
          <strong>{deed}</strong>
          <time dateTime={occurredAt}>{momentIn(occurredAt, zone)}</time>
        </span>
        <span className={styles["doer"]} data-doer="">
          {doer}
        </span>
        {shown && (
          <span className={styles["whose"]}>
            {[shown.patientName, dayIn(shown.startsAt, zone), timeOf(shown.startsAt, zone), shown.dentistName].join(" · ")}
          </span>
        )}
      </button>
      <dl className={styles["differences"]}>
        {differences(change).map((difference) => (
          <Difference
            key={difference.what}
            difference={difference}
            zone={zone}
            treatments={treatments}
            chairs={chairs}
          />
        ))}
      </dl>
    </article>
  );
}
