import { Trans, useLingui } from "@lingui/react/macro";
import { Button } from "../../../shared/Button";
import { Empty } from "../../../shared/Empty";
import { Message } from "../../../shared/Message";
import { Waiting } from "../../../shared/Waiting";
import { usePractice } from "../../../shared/following";
import { inStaffWords } from "../../../staff/refusals";
import styles from "./Audit.module.css";
import { Filters, useLooked } from "./Filters";
import { One } from "./One";
import { useEntries } from "./entries";

/** Who did and who read what: the audit trail, the newest first. */
export function Audit() {
  const { data: practice, error } = usePractice();
  if (error) return <Message kind="danger">{inStaffWords(error)}</Message>;
  if (practice === undefined) return <Waiting />;
  return <Trail zone={practice.timeZone} />;
}

function Trail({ zone }: { zone: string }) {
  const { t } = useLingui();
  const looked = useLooked();
  const { data, error, hasNextPage, isFetching, fetchNextPage, refetch } = useEntries(looked, zone);
  const entries = data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <Filters looked={looked} named={entries ?? []} onAgain={() => void refetch()} isBusy={isFetching} />
      {error && <Message kind="danger">{inStaffWords(error)}</Message>}
      {entries === undefined && !error && <Waiting />}
      {entries?.length === 0 && (
        <Empty level="h2" title={<Trans>No entry fits</Trans>}>
          <p>
            <Trans>Take a filter away, or look at more days.</Trans>
          </p>
        </Empty>
      )}
      {entries !== undefined && entries.length > 0 && (
        <ol className={styles["entries"]} aria-label={t`Audit trail`} aria-busy={isFetching}>
          {entries.map((entry) => (
            <One key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {hasNextPage && (
        <div>
          <Button isBusy={isFetching} onPress={() => void fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      )}
    </>
  );
}
