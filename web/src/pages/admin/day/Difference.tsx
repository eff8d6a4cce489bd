import type { Appointment } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { Icon } from "../../../shared/Icon";
import { useStatusWords } from "../../../shared/Status";
import { dateOf, timeOf } from "../../../shared/times";
import { type Chair, type Treatment, namesOf } from "../../../sheet/ground";
import styles from "./DayAgain.module.css";
import type { Difference as Told } from "./history";
import { dayIn } from "./words";

interface DifferenceProps {
  difference: Told;
  zone: string;
  treatments: readonly Treatment[];
  chairs: readonly Chair[];
}

/** One thing that is another one after a change: what it was, and what it is. */
export function Difference({ difference: { what, before, after }, zone, treatments, chairs }: DifferenceProps) {
  const { t } = useLingui();
  const statuses = useStatusWords();
  const names: Record<Told["what"], string> = {
    status: t`State`,
    time: t`Time`,
    dentistName: t`Dentist`,
    assistantName: t`Assistant`,
    chairId: t`Chair`,
    treatmentIds: t`Treatment`,
    patientName: t`Patient`,
    confirmation: t`Confirmation`,
    reason: t`Reason`,
    cancelReason: t`Reason for cancelling`,
    forced: t`In spite of hours or others`,
    overbooked: t`Shares its time`,
  };
  const confirmations = { unconfirmed: t`none`, reminded: t`reminded`, confirmed: t`confirmed` };
  const isOneDay = dateOf(before.startsAt, zone) === dateOf(after.startsAt, zone);

  function said(each: Appointment): string {
    switch (what) {
      case "time": {
        const time = `${timeOf(each.startsAt, zone)}–${timeOf(each.endsAt, zone)}`;
        return isOneDay ? time : `${dayIn(each.startsAt, zone)}, ${time}`;
      }
      case "status":
        return statuses[each.status];
      case "confirmation":
        return confirmations[each.confirmation];
      case "chairId":
        return chairs.find(({ id }) => id === each.chairId)?.name ?? "";
      case "treatmentIds":
        return namesOf(each.treatmentIds, treatments);
      case "forced":
      case "overbooked":
        return each[what] ? t`yes` : t`no`;
      default:
        return each[what] ?? "";
    }
  }

  return (
    <div className={styles["difference"]}>
      <dt>{names[what]}</dt>
      <dd>
        <del>
          <span className="unseen">{t`before:`} </span>
          {said(before) || "–"}
        </del>
        <Icon name="arrow" />
        <ins>
          <span className="unseen">{t`after:`} </span>
          {said(after) || "–"}
        </ins>
      </dd>
    </div>
  );
}
