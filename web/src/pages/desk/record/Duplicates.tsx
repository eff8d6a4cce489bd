import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../shared/Button";
import card from "../../../sheet/Card.module.css";
import { PatientSearch } from "../PatientSearch";
import type { Patient } from "../search";
import { Compare } from "./Compare";
import styles from "./Record.module.css";

interface DuplicatesProps {
  patient: Patient;
  zone: string;
  /** Which record is left. */
  onMerged: (patientId: string) => void;
}

/** Who may be the same person, found by the service or by whoever sits at the desk, to be compared and merged. */
export function Duplicates({ patient, zone, onMerged }: DuplicatesProps) {
  const { t } = useLingui();
  const { data } = useQuery({
    queryKey: ["patient", patient.id, "duplicates"],
    queryFn: async () => (await realtimeSyncService.api.listDuplicates(patient.id)).items,
  });
  const [isSearching, setSearching] = useState(false);
  const [other, setOther] = useState<Patient | null>(null);
  const found = data ?? [];
  return (
    <div className={styles["part"]} data-duplicates="">
      <h3>
        {found.length > 0 ? <Trans>May be the same person</Trans> : <Trans>Entered twice?</Trans>}
      </h3>
      {found.length > 0 && (
        <ul>
          {found.map((each) => (
            <li key={each.id} className={styles["row"]}>
              <span>
                {each.name}
                <span className={card["soft"]}>{[each.phone, each.email].filter(Boolean).join(" · ")}</span>
              </span>
              <Button size="small" aria-label={t`Compare with ${each.name}`} onPress={() => setOther(each)}>
                <Trans>Compare</Trans>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {isSearching ? (
        <>
          <PatientSearch label={t`The other record`} onChoose={setOther} except={patient.id} autoFocus />
          <Button size="small" look="quiet" onPress={() => setSearching(false)}>
            <Trans>Leave it as it is</Trans>
          </Button>
        </>
      ) : (
        <Button size="small" look="quiet" onPress={() => setSearching(true)}>
          <Trans>Compare with another record …</Trans>
        </Button>
      )}
      {other !== null && (
        <Compare
          one={patient}
          other={other}
          zone={zone}
          onMerged={(patientId) => {
            setOther(null);
            setSearching(false);
            onMerged(patientId);
          }}
          onClose={() => setOther(null)}
        />
      )}
    </div>
  );
}
