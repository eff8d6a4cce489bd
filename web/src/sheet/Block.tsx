import { Trans, useLingui } from "@lingui/react/macro";
import type { ShownAppointment } from "@dental-sync/client/react";
import { type CSSProperties, memo } from "react";
import { Icon } from "../shared/Icon";
import { SIGNS, useStatusWords } from "../shared/Status";
import { timeOf } from "../shared/times";
import styles from "./Block.module.css";
import { type Lane, isFreed } from "./layout";

interface BlockProps extends Lane {
  appointment: ShownAppointment;
  zone: string;
  treatments: string;
  /** Minutes from the beginning of the sheet, and how long. */
  from: number;
  length: number;
  before: number;
  after: number;
  isBeside: boolean;
  isChosen: boolean;
  isHeld: boolean;
  isNew: boolean;
  isReached: boolean;
  canMove: boolean;
}

/** One appointment on the sheet. What it is is said by words and signs; colours only repeat it. */
export const Block = memo(function Block(props: BlockProps) {
  const { appointment, zone, treatments, from, length, before, after, lane, lanes } = props;
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
  const what = [treatments, reason].filter(Boolean).join(" · ");
  return (
    <li
      className={styles["place"]}
      style={place as CSSProperties}
      data-freed={isFreed(appointment) || undefined}
      data-tight={lanes > 1 || undefined}
      data-beside={props.isBeside || undefined}
    >
      {before > 0 && <span className={styles["before"]} aria-hidden="true" />}
      {after > 0 && <span className={styles["after"]} aria-hidden="true" />}
      <button
        type="button"
        className={styles["block"]}
        data-appointment-id={id}
        data-status={status}
        data-short={length < (isFreed(appointment) ? 45 : 30) || undefined}
        data-overbooked={overbooked || undefined}
        data-pending-write={pendingWrite}
        data-just-changed={props.isNew || undefined}
        data-held={props.isHeld || undefined}
        aria-pressed={props.isChosen}
        aria-describedby={props.canMove ? "sheet-how" : undefined}
        tabIndex={props.isReached ? 0 : -1}
        title={`${timeOf(startsAt, zone)} ${patientName} · ${words[status]}`}
      >
        <span className={styles["line"]}>
          <Icon name={SIGNS[status]} />
          <span className="unseen">{words[status]},</span>
          <span className={styles["time"]}>{timeOf(startsAt, zone)}</span>
          <span className="unseen">
            <Trans>until {timeOf(endsAt, zone)}</Trans>
          </span>
          <span className={styles["patient"]}>{patientName || "…"}</span>
        </span>
        {what && <span className={styles["what"]}>{what}</span>}
        {overbooked && (
          <span className={styles["mark"]}>
            <span aria-hidden="true">≠</span>
            <span className="unseen">{t`shares its time with another appointment`}</span>
          </span>
        )}
        {props.canMove && <span className={styles["handle"]} data-handle="" aria-hidden="true" />}
      </button>
    </li>
  );
});
