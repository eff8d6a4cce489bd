import { realtimeSyncService } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { SearchField } from "react-aria-components/SearchField";
import fieldStyles from "../../shared/Field.module.css";
import { longDate } from "../../shared/times";
import styles from "./PatientSearch.module.css";
import { type Patient, asked, byName } from "./search";

interface PatientSearchProps {
  label: string;
  onChoose: (patient: Patient) => void;
  /** A record is to be made of what was typed. */
  onNew?: (typed: string) => void;
  /** Whoever is not looked for. */
  except?: string;
  autoFocus?: boolean;
}

const SHOWN = 8;
// The service lists by the whole name: among so many are those who are meant.
const ASKED = 50;

/** Looks for a patient while it is typed; Enter takes the one that is marked, the first where nothing else is chosen. */
export function PatientSearch({ label, onChoose, onNew, except, autoFocus = false }: PatientSearchProps) {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const wanted = asked(text);
  const { data, isPlaceholderData } = useQuery({
    // Told of by the channel of staff, as each record is.
    queryKey: ["patient", "found", wanted],
    queryFn: ({ signal }) => realtimeSyncService.api.listPatients({ ...wanted, limit: ASKED }, { signal }),
    enabled: wanted !== null,
    placeholderData: keepPreviousData,
  });
  const others = (data?.items ?? []).filter(({ id }) => id !== except);
  const found = wanted === null ? [] : byName(others, wanted.q ?? "").slice(0, SHOWN);
  // Enter must not take somebody whom the former letters had found.
  const isOld = isPlaceholderData || data === undefined;
  return (
    <Autocomplete inputValue={text} onInputChange={setText}>
      <SearchField className={fieldStyles["field"] ?? ""}>
        <Label className={fieldStyles["label"] ?? ""}>{label}</Label>
        <Input
          className={fieldStyles["input"] ?? ""}
          placeholder={t`Name, phone or day of birth`}
          autoComplete="off"
          autoFocus={autoFocus}
          data-patient-search=""
        />
      </SearchField>
      {wanted !== null && (
        <ListBox className={styles["list"] ?? ""} aria-label={t`Patients found`} data-current={!isOld || undefined}>
          {(isOld ? [] : found).map((patient) => (
            <ListBoxItem
              key={patient.id}
              id={patient.id}
              className={styles["item"] ?? ""}
              textValue={patient.name}
              onAction={() => onChoose(patient)}
            >
              <span className={styles["name"]}>{patient.name}</span>
              <span className={styles["facts"]}>
                {[patient.birthDate && longDate(patient.birthDate), patient.phone].filter(Boolean).join(" · ")}
              </span>
            </ListBoxItem>
          ))}
          {!isOld && onNew && (
            <ListBoxItem
              id="new"
              className={styles["item"] ?? ""}
              textValue={t`New patient`}
              onAction={() => onNew(text)}
            >
              <span className={styles["name"]}>
                <Trans>New patient: {text}</Trans>
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      )}
      {wanted !== null && !isOld && found.length === 0 && !onNew && (
        <p role="status">
          <Trans>Nobody found. Try fewer letters, the phone number or the day of birth.</Trans>
        </p>
      )}
    </Autocomplete>
  );
}
