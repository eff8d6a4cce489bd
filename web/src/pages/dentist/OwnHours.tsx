import { Hours } from "../../staff/Hours";
import { TimeOff } from "../../staff/TimeOff";
import { type Dentist, useGroundChanges } from "../../sheet/ground";
import styles from "./OwnHours.module.css";

/** The own time off and weekly hours. */
export function OwnHours({ dentist, now }: { dentist: Dentist; now: Date }) {
  useGroundChanges();
  return (
    <div className={styles["hours"]}>
      <TimeOff dentist={dentist} now={now} />
      <Hours dentist={dentist} now={now} />
    </div>
  );
}
