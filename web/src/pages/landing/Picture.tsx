import { Trans } from "@lingui/react/macro";
import styles from "./Picture.module.css";

/** Two screens on which the same appointment appears. It is a picture: there is nothing in it to use. */
export function Picture() {
  return (
    <div className={styles["picture"]} aria-hidden="true">
      <div className={`${styles["screen"]} ${styles["patient"]}`}>
        <p className={styles["head"]}>
          <Trans>My appointments</Trans>
        </p>
        <p className={`${styles["row"]} ${styles["new"]}`}>
          <b>09:30</b> <Trans>Check-up</Trans>
        </p>
      </div>
      <div className={`${styles["screen"]} ${styles["day"]}`}>
        <p className={styles["head"]}>
          <Trans>Today</Trans>
          <span className={styles["live"]}>
            <Trans>Live</Trans>
          </span>
        </p>
        <p className={styles["row"]}>
          <b>09:00</b> Noah Becker
        </p>
        <p className={`${styles["row"]} ${styles["new"]} ${styles["later"]}`}>
          <b>09:30</b> Mia Schmidt
        </p>
        <p className={styles["row"]}>
          <b>10:15</b> Emma Fischer
        </p>
        <p className={styles["row"]}>
          <b>11:00</b> Paul Weber
        </p>
      </div>
    </div>
  );
}
