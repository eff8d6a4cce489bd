import { useLingui } from "@lingui/react/macro";
import card from "../../sheet/Card.module.css";
import { PatientSearch } from "./PatientSearch";

interface FinderProps {
  /** Whether somebody was asked for, and it takes the focus. */
  autoFocus: boolean;
  onOpen: (patientId: string) => void;
}

/** Finds a patient by name, phone or day of birth. */
export function Finder({ autoFocus, onOpen }: FinderProps) {
  const { t } = useLingui();
  return (
    <section className={card["card"]} aria-label={t`Find a patient`} data-finder="">
      <PatientSearch autoFocus={autoFocus} label={t`Find a patient`} onChoose={({ id }) => onOpen(id)} />
    </section>
  );
}
