import type { Appointment } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import styles from "./Status.module.css";

type State = Appointment["status"];

/** A sign beside the word, so that states differ without colour. */
const SIGNS: Record<State, string> = {
  pending: "?",
  booked: "●",
  arrived: "→",
  "checked-in": "✓",
  fulfilled: "✓✓",
  cancelled: "✕",
  noshow: "–",
};

/** The state of an appointment, in a word. */
export function Status({ status }: { status: State }) {
  const { t } = useLingui();
  const words: Record<State, string> = {
    pending: t`To be approved`,
    booked: t`Booked`,
    arrived: t`Arrived`,
    "checked-in": t`Checked in`,
    fulfilled: t`Done`,
    cancelled: t`Cancelled`,
    noshow: t`Did not come`,
  };
  return (
    <span className={`${styles["badge"]} ${styles[status]}`}>
      <span aria-hidden="true">{SIGNS[status]}</span>
      {words[status]}
    </span>
  );
}
