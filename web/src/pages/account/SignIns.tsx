import { type components } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api";
import { Button } from "../../shared/Button";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { momentOf } from "../../shared/times";
import { toast } from "../../shared/toasts";
import { inWords } from "../../words/refusals";
import styles from "./Account.module.css";
import { Section } from "./Section";
import { deviceOf } from "./device";

type SignIn = components["schemas"]["SignInAnswer"];

const MOST = 200;

/** Where the account is signed in, each to be ended. */
export function SignIns() {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery({
    queryKey: ["sign-ins"],
    queryFn: async () => (await api.listSessions({ limit: MOST })).items,
    refetchOnWindowFocus: "always",
  });

  async function end(call: () => Promise<void>, done: string): Promise<void> {
    try {
      await call();
      toast({ kind: "done", text: done });
    } catch (refusal) {
      toast({ kind: "refused", text: inWords(refusal) });
    }
    await refetch();
  }

  return (
    <Section title={<Trans>Where you are signed in</Trans>}>
      {error && data === undefined && <Message kind="danger">{inWords(error)}</Message>}
      {data === undefined && !error && <Waiting />}
      <ul className={styles["list"]}>
        {data?.map((signIn) => (
          <Row
            key={signIn.id}
            signIn={signIn}
            onEnd={() => void end(() => api.endSession(signIn.id), t`Signed out there.`)}
          />
        ))}
      </ul>
      {data !== undefined && data.length > 1 && (
        <div>
          <Button
            size="small"
            look="danger"
            onPress={() => void end(() => api.endOtherSessions(), t`You are signed out everywhere else.`)}
          >
            <Trans>Sign out everywhere else</Trans>
          </Button>
        </div>
      )}
    </Section>
  );
}

function Row({ signIn, onEnd }: { signIn: SignIn; onEnd: () => void }) {
  const { t } = useLingui();
  const { userAgent = "", address, createdAt, refreshedAt, current } = signIn;
  const device = deviceOf(userAgent) ?? t`A program`;
  const [since, used] = [momentOf(createdAt), momentOf(refreshedAt ?? createdAt)];
  return (
    <li className={styles["row"]} data-current={current || undefined}>
      <div className={styles["facts"]}>
        <span>
          {device}
          {current && (
            <span className={styles["here"]}>
              <Trans>here</Trans>
            </span>
          )}
        </span>
        <span className={styles["small"]}>
          <Trans>
            Since {since}, last used {used}
          </Trans>
          {address !== undefined && ` · ${address}`}
        </span>
      </div>
      {!current && (
        <Button size="small" aria-label={t`Sign out there: ${device}, since ${since}`} onPress={onEnd}>
          <Trans>Sign out there</Trans>
        </Button>
      )}
    </li>
  );
}
