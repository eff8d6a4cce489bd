import { Trans } from "@lingui/react/macro";
import { Button } from "../../shared/Button";
import { type Dentist, useDentists, useGroundChanges } from "../../sheet/ground";
import { HandOver } from "../../staff/HandOver";
import { Hours } from "../../staff/Hours";
import { WhileOnline } from "../../staff/Offline";
import { TimeOff } from "../../staff/TimeOff";
import { useHandOver } from "../../staff/handOver";
import { localOf } from "../../staff/spans";
import styles from "./OwnHours.module.css";

/** The own time off and weekly hours; what is booked in a time off goes to a colleague. */
export function OwnHours({ dentist, now }: { dentist: Dentist; now: Date }) {
  useGroundChanges();
  const { id, timeZone: zone } = dentist;
  const { data: dentists = [] } = useDentists();
  const { handOver, begin } = useHandOver(false);
  return (
    <WhileOnline>
      <div className={styles["hours"]}>
        <div className={styles["away"]}>
          <TimeOff
            dentist={dentist}
            now={now}
            beside={({ startsAt, endsAt }) => {
              const from = new Date(Math.max(now.getTime(), Date.parse(startsAt))).toISOString();
              return (
                <div>
                  <Button
                    size="small"
                    onPress={() => begin({ dentistId: id, to: "", from: localOf(from, zone), until: localOf(endsAt, zone) })}
                  >
                    <Trans>Hand over …</Trans>
                  </Button>
                </div>
              );
            }}
          />
          {handOver && <HandOver doing={handOver} dentists={dentists} zone={zone} isOwn />}
        </div>
        <Hours dentist={dentist} now={now} />
      </div>
    </WhileOnline>
  );
}
