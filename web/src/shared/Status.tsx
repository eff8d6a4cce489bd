import type { Appointment } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { Icon, type IconName } from "./Icon";
import styles from "./Status.module.css";

type State = Appointment["status"];

/** A sign beside the word, so that states differ without colour. */
export const SIGNS: Record<State, IconName> = {
  pending: "question",
  booked: "dot",
  arrived: "arrow",
  "checked-in": "tick",
  fulfilled: "ticks",
  cancelled: "cross",
  noshow: "dash",
};

/** What each state is called. */
export function useStatusWords(): Record<State, string> {
  const { t } = useLingui();
  return {
    pending: t`To be approved`,
    booked: t`Booked`,
    arrived: t`Arrived`,
    "checked-in": t`Checked in`,
    fulfilled: t`Done`,
    cancelled: t`Cancelled`,
    noshow: t`Did not come`,
  };
}

/** The state of an appointment, in a word. */
export function Status({ status }: { status: State }) {
  const words = useStatusWords();
  return (
    <span className={`${styles["badge"]} ${styles[status]}`}>
      <Icon name={SIGNS[status]} />
      {words[status]}
    </span>
  );
}
