import { Trans, useLingui } from "@lingui/react/macro";
import { longDate } from "../../../shared/times";
import type { Patient } from "../search";
import styles from "./Compare.module.css";
import { ToCome } from "./ToCome";
import { FACTS, type Fate, fateOf } from "./merging";

interface SideBySideProps {
  records: readonly [Patient, Patient];
  /** The id of the one that stays. */
  staying: string;
  zone: string;
  onStay: (patientId: string) => void;
}

/** What two records say, and what is left of it. */
export function SideBySide({ records, staying, zone, onStay }: SideBySideProps) {
  const { t } = useLingui();
  const names = {
    name: t`Name`,
    birthDate: t`Day of birth`,
    phone: t`Phone`,
    email: t`E-mail`,
    remark: t`Remark`,
  };
  const [one, other] = records;
  return (
    <table className={styles["table"]}>
      <thead>
        <tr>
          <th scope="col">
            <span className="unseen">
              <Trans>What</Trans>
            </span>
          </th>
          {records.map(({ id }, index) => (
            <th key={id} scope="col">
              <label className={styles["stay"]}>
                <input type="radio" name="staying" checked={staying === id} onChange={() => onStay(id)} />
                {index === 0 ? <Trans>This record stays</Trans> : <Trans>The other one stays</Trans>}
              </label>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {FACTS.map((fact) => (
          <tr key={fact}>
            <th scope="row">{names[fact]}</th>
            {records.map((record) => (
              <Cell key={record.id} fate={fateOf(fact, record, record === one ? other : one, record.id === staying)}>
                {fact === "birthDate" ? record.birthDate && longDate(record.birthDate) : record[fact]}
              </Cell>
            ))}
          </tr>
        ))}
        <tr>
          <th scope="row">
            <Trans>Appointments ahead</Trans>
          </th>
          {records.map(({ id }) => (
            <td key={id}>
              <ToCome patientId={id} zone={zone} />
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

function Cell({ fate, children }: { fate: Fate; children: string | null | undefined }) {
  if (fate === "none") return <td>–</td>;
  if (fate === "kept") return <td data-fate={fate}>{children}</td>;
  return (
    <td data-fate={fate}>
      <s>{children}</s>{" "}
      <span className={styles["dropped"]}>
        <Trans>not kept</Trans>
      </span>
    </td>
  );
}
