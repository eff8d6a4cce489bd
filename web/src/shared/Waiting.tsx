import { Trans } from "@lingui/react/macro";
import styles from "./Waiting.module.css";

/** The place of a list that is on its way, so that nothing jumps when it is there. */
export function Waiting() {
  return (
    <div className={styles["waiting"]} role="status">
      <span className="unseen">
        <Trans>One moment …</Trans>
      </span>
      {[1, 2, 3].map((row) => (
        <div key={row} className={styles["row"]} />
      ))}
    </div>
  );
}
