import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { apiUrl } from "../../place";
import { Button } from "../../shared/Button";
import { Confirm } from "../../shared/Confirm";
import { Message } from "../../shared/Message";
import { momentOf } from "../../shared/times";
import { toast } from "../../shared/toasts";
import { inWords } from "../../words/refusals";
import styles from "./Account.module.css";
import { Section } from "./Section";

/** The own appointments in a calendar program, at an address that is shown when it is made. */
export function Calendar() {
  const { t } = useLingui();
  const { data: feed, error, refetch } = useQuery({
    queryKey: ["calendar-feed"],
    queryFn: () => api.getCalendar(),
    refetchOnWindowFocus: "always",
  });
  const [made, setMade] = useState<string | null>(null);

  const hasAddress = feed?.createdAt !== undefined;

  async function change(how: () => Promise<string | null>): Promise<void> {
    try {
      setMade(await how());
      await refetch();
    } catch (refusal) {
      toast({ kind: "refused", text: inWords(refusal) });
    }
  }

  const make = () =>
    change(async () => {
      const { url, path } = await api.renewCalendar();
      return url ?? apiUrl + path;
    });

  const end = () =>
    change(async () => {
      await api.endCalendar();
      toast({ kind: "done", text: t`The calendar's address has ended.` });
      return null;
    });

  return (
    <Section title={<Trans>Your appointments in your calendar</Trans>}>
      <p className={styles["words"]}>
        <Trans>
          Your calendar program can follow your appointments, at an address that is yours alone. Whoever has the address sees when
          you have appointments, and not for what.
        </Trans>
      </p>
      {error && feed === undefined && <Message kind="danger">{inWords(error)}</Message>}
      {made !== null && <Address address={made} />}
      {feed?.createdAt && made === null && <Followed since={feed.createdAt} readAt={feed.readAt} />}
      <div className={styles["actions"]}>
        {feed !== undefined && !hasAddress && (
          <Button size="small" onPress={() => void make()}>
            <Trans>Make an address</Trans>
          </Button>
        )}
        {hasAddress && <Renew onConfirm={() => void make()} />}
        {hasAddress && (
          <Confirm
            trigger={
              <Button size="small" look="danger">
                <Trans>End the address</Trans>
              </Button>
            }
            title={<Trans>End the calendar's address?</Trans>}
            action={<Trans>End the address</Trans>}
            onConfirm={() => void end()}
          >
            <p>
              <Trans>Calendar programs that follow it get no appointments any more.</Trans>
            </p>
          </Confirm>
        )}
      </div>
    </Section>
  );
}

function Followed({ since, readAt }: { since: string; readAt: string | undefined }) {
  const made = momentOf(since);
  const read = readAt === undefined ? null : momentOf(readAt);
  return (
    <p>
      <Trans>There is an address, made {made}.</Trans>{" "}
      {read === null ? <Trans>No calendar has read it yet.</Trans> : <Trans>A calendar read it {read}.</Trans>}
    </p>
  );
}

/** The address, this once. */
function Address({ address }: { address: string }) {
  const { t } = useLingui();

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(address);
      toast({ kind: "done", text: t`Copied. Paste it into your calendar program.` });
    } catch {
      toast({ kind: "refused", text: t`Your browser does not let this page copy. Mark the address and copy it.` });
    }
  }

  return (
    <>
      <Message kind="info">
        <Trans>Copy the address now: it is shown this once. In your calendar program, add a calendar by address.</Trans>
      </Message>
      <p className={styles["secret"]} data-feed="">
        {address}
      </p>
      <div>
        <Button size="small" look="main" onPress={() => void copy()}>
          <Trans>Copy the address</Trans>
        </Button>
      </div>
    </>
  );
}

function Renew({ onConfirm }: { onConfirm: () => void }) {
  return (
    <Confirm
      trigger={
        <Button size="small">
          <Trans>Make another address</Trans>
        </Button>
      }
      title={<Trans>Make another address?</Trans>}
      action={<Trans>Make another address</Trans>}
      onConfirm={onConfirm}
    >
      <p>
        <Trans>The address until now ends: calendar programs need the other one.</Trans>
      </p>
    </Confirm>
  );
}
