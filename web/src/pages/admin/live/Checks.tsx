import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Icon } from "../../../shared/Icon";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { inStaffWords } from "../../../staff/refusals";
import { Part } from "../forms/Part";
import styles from "./Live.module.css";
import { type Health, useHealth } from "./stats";

interface Check {
  name: MessageDescriptor;
  /** What it means for the practice that it fails, and what to do. */
  fault: MessageDescriptor;
}

const CHECKS: Record<string, Check> = {
  database: {
    name: msg`Database`,
    fault: msg`Nothing can be booked or read until it is back. Look whether PostgreSQL runs and can be reached.`,
  },
  redis: {
    name: msg`Redis`,
    fault: msg`Bookings are kept and decided later; changes come late. Look whether Redis runs and can be reached.`,
  },
  worker: {
    name: msg`Worker`,
    fault: msg`Bookings are kept and wait to be decided. Start the process “worker” again, and read its log.`,
  },
  beat: {
    name: msg`Timer`,
    fault: msg`Heartbeats, reminders and clearing up stand still. Start the process “beat” again.`,
  },
  writes: {
    name: msg`Waiting bookings`,
    fault: msg`A booking has been waiting for too long. Look at the log of the process “worker”.`,
  },
  log: {
    name: msg`Log of changes`,
    fault: msg`Changes wait to be told to the screens. Look at the logs of “web” and “worker”.`,
  },
  triggers: {
    name: msg`Notes of changes`,
    fault: msg`Somebody has switched off a trigger of the database: screens will miss changes. Switch it on again.`,
  },
  mail: {
    name: msg`Mail`,
    fault: msg`Mails do not leave. They are kept and tried again; look whether the mail server can be reached.`,
  },
  delivery: {
    name: msg`Delivery to screens`,
    fault: msg`This process does not pass on what happens. Restart the process “web”.`,
  },
};

/** Whether the service is well, in words. */
export function Checks() {
  const { data, error } = useHealth();
  if (error !== null) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (data === undefined) return <Waiting />;
  return (
    <Part title={<State status={data.status} />}>
      <ul className={styles["checks"]}>
        {Object.entries(data.checks).map(([name, said]) => (
          <One key={name} name={name} said={said} />
        ))}
      </ul>
      {data.notices.length > 0 && (
        <section className={styles["notices"]}>
          <h3>
            <Trans>What the operator has chosen</Trans>
          </h3>
          <ul>
            {data.notices.map((notice) => (
              <li key={notice} lang="en">
                {notice}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Part>
  );
}

function State({ status }: { status: Health["status"] }) {
  if (status === "healthy") return <Trans>All is well</Trans>;
  if (status === "degraded") return <Trans>Something is amiss; nothing is lost</Trans>;
  return <Trans>The service cannot be used at the moment</Trans>;
}

function One({ name, said }: { name: string; said: string }) {
  const { i18n } = useLingui();
  const check = CHECKS[name];
  const isWell = said === "ok";
  return (
    <li className={styles["check"]} data-check={name} data-well={isWell}>
      <span className={styles["mark"]} aria-hidden="true">
        {isWell ? <Icon name="tick" /> : "!"}
      </span>
      <span>
        <strong>{check === undefined ? name : i18n._(check.name)}</strong>: {isWell ? <Trans>well</Trans> : <Trans>at fault</Trans>}
        {!isWell && check !== undefined && <span className={styles["fault"]}>{i18n._(check.fault)}</span>}
        {!isWell && (
          <span className={styles["said"]} lang="en">
            {said}
          </span>
        )}
      </span>
    </li>
  );
}
