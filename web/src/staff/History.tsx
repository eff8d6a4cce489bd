import { type Appointment, realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Message } from "../shared/Message";
import { Waiting } from "../shared/Waiting";
import { dayOf, timeOf } from "../shared/times";
import { useDentists, useTreatments } from "../sheet/ground";
import { actionOf, actorOf, changesOf } from "./history";
import styles from "./Notes.module.css";
import { inStaffWords } from "./refusals";

/** Who did what to an appointment, the newest first; with each change of it there is more. */
export function History({ appointment: { id, version }, zone }: { appointment: Appointment; zone: string }) {
  const { t } = useLingui();
  const treatments = useTreatments();
  const dentists = useDentists().data ?? [];
  const { data, error } = useQuery({
    queryKey: ["history", id, version],
    queryFn: async () => (await realtimeSyncService.api.getHistory(id, { limit: 200 })).items.reverse(),
  });
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (data === undefined) return <Waiting />;
  if (data.length === 0) {
    return (
      <p className={styles["soft"]}>
        <Trans>Nothing is recorded about this appointment.</Trans>
      </p>
    );
  }
  const named = (records: readonly { id: string; name: string }[]) => (wanted: string) =>
    records.find((each) => each.id === wanted)?.name;
  const names = { dentist: named(dentists), treatment: named(treatments) };
  return (
    <ol className={styles["history"]} aria-label={t`History`} data-history="">
      {data.map((entry, index) => (
        <li key={data.length - index} className={styles["entry"]}>
          <span>
            <strong>{actionOf(entry)}</strong> · {actorOf(entry)}
          </span>
          <span className={styles["soft"]}>
            {dayOf(entry.at, zone)}, {timeOf(entry.at, zone)}
          </span>
          <span className={styles["soft"]}>{changesOf(entry, zone, names).join(" · ")}</span>
        </li>
      ))}
    </ol>
  );
}
