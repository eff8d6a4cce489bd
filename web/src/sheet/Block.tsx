import { useLingui } from "@lingui/react/macro";
import type { ShownAppointment } from "@dental-sync/client/react";
import { type CSSProperties, memo } from "react";
import { Icon } from "../shared/Icon";
import { SIGNS, useStatusWords } from "../shared/Status";
import { timeOf } from "../shared/times";
import styles from "./Block.module.css";
import { type Lane, isFreed, minuteRem } from "./layout";

interface BlockProps extends Lane {
  appointment: ShownAppointment;
  zone: string;
  step: number;
  treatments: string;
  /** Minutes from the beginning of the sheet, and how long. */
  from: number;
  length: number;
  before: number;
  after: number;
  /** There is room for a name alone. */
  isCrowded: boolean;
  isBeside: boolean;
  isChosen: boolean;
  isRefused: boolean;
  isHeld: boolean;
  isNew: boolean;
  isReached: boolean;
  canMove: boolean;
}

// How high a block is in which there is room for more than one line, and for a name that is turned.
const FOR_TWO_LINES_REM = 2.9;
const FOR_NAME_REM = 4.5;

/** One appointment on the sheet. What it is is said by words and signs; colours only repeat it. */
export const Block = memo(function Block(props: BlockProps) {
  const { appointment, zone, step, treatments, from, length, before, after, lane, lanes } = props;
  const { t } = useLingui();
  const words = useStatusWords();
  const { id, status, startsAt, endsAt, patientName, reason, overbooked, pendingWrite } = appointment;
  const place = {
    "--from": from,
    "--for": length,
    "--lane": lane,
    "--lanes": lanes,
    "--before": before,
    "--after": after,
  };
  const [time, until] = [timeOf(startsAt, zone), timeOf(endsAt, zone)];
  const what = [treatments, reason].filter(Boolean).join(" · ");
  // What is shown, in its order, and what signs say.
  const leastRem = isFreed(appointment) || props.isCrowded ? FOR_NAME_REM : FOR_TWO_LINES_REM;
  const said = [
    `${words[status]}: ${time} ${patientName || "…"}`,
    what,
    t`until ${until}`,
    overbooked && t`shares its time with another appointment`,
    props.isRefused && t`its change was refused`,
  ]
    .filter(Boolean)
    .join(", ");
  return (
    <li
      className={styles["place"]}
      style={place as CSSProperties}
      data-freed={isFreed(appointment) || undefined}
      data-tight={lanes > 1 || undefined}
      data-crowded={props.isCrowded || undefined}
      data-beside={props.isBeside || undefined}
    >
      {before > 0 && <span className={styles["before"]} aria-hidden="true" />}
      {after > 0 && <span className={styles["after"]} aria-hidden="true" />}
      <button
        type="button"
        className={styles["block"]}
        data-appointment-id={id}
        data-status={status}
        data-short={length * minuteRem(step) < leastRem || undefined}
        data-overbooked={overbooked || undefined}
        data-was-refused={props.isRefused || undefined}
        data-pending-write={pendingWrite}
        data-just-changed={props.isNew || undefined}
        data-held={props.isHeld || undefined}
        aria-pressed={props.isChosen}
        aria-describedby={props.canMove ? "sheet-how" : undefined}
        tabIndex={props.isReached ? 0 : -1}
        title={`${time} ${patientName} · ${words[status]}`}
        // In one piece, and not as hidden words beside the shown ones: each of those would be a layer to the browser.
        aria-label={said}
      >
        <span className={styles["text"]}>
          <span className={styles["line"]}>
            <Icon name={SIGNS[status]} />
            <span className={styles["time"]}>{time}</span>{" "}
            <span className={styles["patient"]}>{patientName || "…"}</span>
          </span>{" "}
          {what && <span className={styles["what"]}>{what}</span>}
        </span>
        {(overbooked || props.isRefused) && (
          <span className={styles["mark"]} aria-hidden="true">
            {props.isRefused ? "!" : "≠"}
          </span>
        )}
        {props.canMove && <span className={styles["handle"]} data-handle="" />}
      </button>
    </li>
  );
});
