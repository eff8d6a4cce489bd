import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../../../shared/Button";
import { momentOf } from "../../../shared/times";
import { useRoleWords } from "../accounts/roles";
import styles from "./Audit.module.css";
import { useLook } from "./Filters";
import { type Entry, actionInWords, kindInWords } from "./words";

/** One entry; who it was and what it was about lead to everything else by and about them. */
export function One({ entry }: { entry: Entry }) {
  const { at, action, record, actorId, actorName } = entry;
  const look = useLook();
  const ids = record.ids ?? [];
  return (
    <li className={styles["entry"]} data-audit-id={entry.id} data-action={action}>
      <time dateTime={at} className={styles["at"]}>
        {momentOf(at)}
      </time>
      <p className={styles["what"]}>
        <strong>{actionInWords(action)}</strong> · {kindInWords(record.kind)}
        {ids.length > 0 && ` (${ids.length})`}
      </p>
      <p className={styles["who"]}>
        {actorName ?? <Nameless entry={entry} />} <Role role={entry.actorRole} />
      </p>
      <details className={styles["more"]}>
        <summary>
          <Trans>More</Trans>
        </summary>
        <Facts entry={entry} />
        <div className={styles["chosen"]}>
          {actorId !== null && (
            <Button size="small" onPress={() => look({ actor: actorId })}>
              <Trans>Everything by this account</Trans>
            </Button>
          )}
          {record.id != null && (
            <Button size="small" onPress={() => look({ record: record.id ?? undefined })}>
              <Trans>Everything about this record</Trans>
            </Button>
          )}
        </div>
      </details>
    </li>
  );
}

function Nameless({ entry: { actorId, details } }: { entry: Entry }) {
  if (actorId !== null) return <Trans>An account that is no longer there</Trans>;
  if (details?.["commandLine"] === true) return <Trans>The operator, at the command line</Trans>;
  return <Trans>Nobody who had signed in</Trans>;
}

function Role({ role }: { role: string | null }) {
  const words: Record<string, string> = useRoleWords();
  if (role === null) return null;
  return <span className={styles["soft"]}>({words[role] ?? (role === "assistant" ? <Trans>Assistant</Trans> : role)})</span>;
}

function Facts({ entry: { record, address, userAgent, requestId, callerRequestId, details } }: { entry: Entry }) {
  const { t } = useLingui();
  const ids = record.ids ?? (record.id == null ? [] : [record.id]);
  const facts: [string, string | null | undefined][] = [
    [t`Records`, ids.join(", ")],
    [t`Address`, address],
    [t`Browser or program`, userAgent],
    [t`Request`, requestId],
    [t`The caller's request`, callerRequestId],
    ...Object.entries(details ?? {}).map(([name, value]): [string, string] => [name, said(value)]),
  ];
  return (
    <dl className={styles["facts"]}>
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function said(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
