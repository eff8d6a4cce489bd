import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../../shared/Button";
import { dayOf, timeOf } from "../../../shared/times";
import { toast } from "../../../shared/toasts";
import { inStaffWords } from "../../../staff/refusals";
import styles from "./Record.module.css";

interface MergesProps {
  patientId: string;
  zone: string;
}

/** Parts two records again, within a day; gives whether that was done. */
export function usePart(): (mergeId: string) => Promise<boolean> {
  const { t } = useLingui();
  const client = useQueryClient();
  return async (mergeId) => {
    try {
      await realtimeSyncService.api.undoMerge(mergeId);
      toast({ kind: "done", text: t`These are two records again.` });
      return true;
    } catch (problem) {
      toast({ kind: "refused", text: inStaffWords(problem) });
      return false;
    } finally {
      await client.invalidateQueries({ queryKey: ["patient"] });
    }
  };
}

/** What this record has taken in within a day, and the way back. */
export function Merges({ patientId, zone }: MergesProps) {
  const part = usePart();
  const { data } = useQuery({
    queryKey: ["patient", patientId, "merges"],
    queryFn: async () => (await realtimeSyncService.api.listMerges(patientId)).items,
  });
  if (data === undefined || data.length === 0) return null;
  return (
    <div className={styles["part"]} data-merges="">
      <h3>
        <Trans>Merged within the last day</Trans>
      </h3>
      <ul>
        {data.map(({ id, undoUntil }) => {
          const until = `${dayOf(undoUntil, zone)}, ${timeOf(undoUntil, zone)}`;
          return (
            <li key={id} className={styles["row"]}>
              <span>
                <Trans>Another record is part of this one. That can be undone until {until}.</Trans>
              </span>
              <Button size="small" onPress={() => void part(id)}>
                <Trans>Make them two again</Trans>
              </Button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
