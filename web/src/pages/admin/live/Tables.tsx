import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { pastMoment } from "../../../shared/times";
import { useRoleWords } from "../accounts/roles";
import styles from "./Live.module.css";
import { refusalsOf } from "./samples";
import type { Stats } from "./stats";

/** Sockets, and what they follow, by role. */
export function Sockets({ stats: { roles, stats } }: { stats: Stats }) {
  const { i18n, t } = useLingui();
  const words: Record<string, string> = useRoleWords();
  const number = (value: number) => i18n.number(value);
  return (
    <Table
      label={t`Who listens`}
      head={[
        <Trans key="role">Role</Trans>,
        <Trans key="sockets">Sockets that follow something</Trans>,
        <Trans key="appointments">Appointments</Trans>,
        <Trans key="availability">One dentist's free times</Trans>,
        <Trans key="global">Everybody's</Trans>,
        <Trans key="total">Together</Trans>,
      ]}
    >
      {Object.entries(roles).map(([role, counts]) => (
        <tr key={role} data-role={role}>
          <th scope="row">{role === "visitor" ? <Trans>Visitor</Trans> : (words[role] ?? role)}</th>
          <td>{number(counts.connections)}</td>
          <td>{number(counts.appointments)}</td>
          <td>{number(counts.availability)}</td>
          <td>{number(counts.global)}</td>
          <td>{number(counts.total)}</td>
        </tr>
      ))}
      <tr className={styles["sum"]}>
        <th scope="row">
          <Trans>All</Trans>
        </th>
        <td>{number(Object.values(roles).reduce((sum, { connections }) => sum + connections, 0))}</td>
        <td>{number(stats.appointments)}</td>
        <td>{number(stats.availability)}</td>
        <td>{number(stats.global)}</td>
        <td>{number(stats.total)}</td>
      </tr>
    </Table>
  );
}

/** How far each web process has delivered the log. */
export function Processes({ processes }: { processes: Stats["processes"] }) {
  const { i18n, t } = useLingui();
  const number = (value: number) => i18n.number(value);
  return (
    <Table
      label={t`Web processes`}
      head={[
        <Trans key="process">Process</Trans>,
        <Trans key="position">Position</Trans>,
        <Trans key="lag">Behind the log by</Trans>,
        <Trans key="connections">Connections</Trans>,
        <Trans key="subscriptions">Subscriptions</Trans>,
        <Trans key="delivered">Passed on</Trans>,
        <Trans key="said">Said at</Trans>,
      ]}
    >
      {processes.map(({ id, position, lag, connections, subscriptions, delivered, timestamp }) => (
        <tr key={id}>
          <th scope="row">{id}</th>
          <td>{number(position)}</td>
          <td>{number(lag)}</td>
          <td>{number(connections)}</td>
          <td>{number(subscriptions)}</td>
          <td>{delivered == null ? "–" : number(delivered)}</td>
          <td>{pastMoment(new Date(timestamp))}</td>
        </tr>
      ))}
    </Table>
  );
}

/** How often was refused what. */
export function Refusals({ processes }: { processes: Stats["processes"] }) {
  const { i18n, t } = useLingui();
  const refusals = refusalsOf(processes);
  if (refusals.length === 0) {
    return (
      <p>
        <Trans>Nothing yet.</Trans>
      </p>
    );
  }
  return (
    <Table label={t`What was refused`} head={[<Trans key="code">Code</Trans>, <Trans key="count">How often</Trans>]}>
      {refusals.map(([code, count]) => (
        <tr key={code} data-code={code}>
          <th scope="row">
            <code>{code}</code>
          </th>
          <td>{i18n.number(count)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** A table that scrolls by itself where there is little room. */
export function Table({ label, head, children }: { label: string; head: readonly ReactNode[]; children: ReactNode }) {
  return (
    <div className={styles["scroll"]} role="region" aria-label={label} tabIndex={0}>
      <table className={styles["table"]}>
        <thead>
          <tr>
            {head.map((name, index) => (
              <th key={index} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
