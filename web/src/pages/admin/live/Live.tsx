import { Trans, useLingui } from "@lingui/react/macro";
import { Suspense, lazy } from "react";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { momentOf } from "../../../shared/times";
import { inStaffWords } from "../../../staff/refusals";
import { Part } from "../forms/Part";
import { Checks } from "./Checks";
import styles from "./Live.module.css";
import { Processes, Refusals, Sockets } from "./Tables";
import { useStats } from "./stats";

const Curve = lazy(async () => ({ default: (await import("./Curve")).Curve }));

/** How the service is at this moment: whether it is well, who listens, how far each process is, and what it refuses. */
export function Live() {
  const { i18n } = useLingui();
  const { stats, error, samples } = useStats();
  const number = (value: number) => i18n.number(value);
  return (
    <>
      <Checks />
      {error !== null && <Message kind="danger">{inStaffWords(error)}</Message>}
      {stats === undefined && error === null && <Waiting />}
      {stats !== undefined && (
        <>
          <dl className={styles["figures"]}>
            <Figure name={<Trans>Connections</Trans>} value={number(stats.activeConnections)} />
            <Figure name={<Trans>Subscriptions</Trans>} value={number(stats.stats.total)} />
            <Figure name={<Trans>Position of the log</Trans>} value={number(stats.position)} />
            <Figure
              name={<Trans>Last heartbeat</Trans>}
              value={stats.lastHeartbeat === null ? <Trans>none yet</Trans> : momentOf(stats.lastHeartbeat)}
            />
          </dl>
          <Part
            title={<Trans>Events a second</Trans>}
            lead={<Trans>Since this page was opened, at most three minutes: what happened, and what was passed on to screens.</Trans>}
          >
            <Suspense fallback={<div className={styles["curve"]} />}>
              <Curve samples={samples} />
            </Suspense>
          </Part>
          <Part title={<Trans>Who listens</Trans>}>
            <Sockets stats={stats} />
          </Part>
          <Part title={<Trans>Web processes</Trans>}>
            <Processes processes={stats.processes} />
          </Part>
          <Part title={<Trans>What was refused</Trans>} lead={<Trans>Since each process started, by the code that the API answers.</Trans>}>
            <Refusals processes={stats.processes} />
          </Part>
        </>
      )}
    </>
  );
}

function Figure({ name, value }: { name: React.ReactNode; value: React.ReactNode }) {
  return (
    <div className={styles["figure"]}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
