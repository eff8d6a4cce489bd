import { Trans, useLingui } from "@lingui/react/macro";
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ownPage } from "../../access";
import { apiUrl } from "../../place";
import { signIn } from "../../session";
import { Button } from "../../shared/Button";
import { Message } from "../../shared/Message";
import { inWords } from "../../words/refusals";
import styles from "./Accounts.module.css";
import { EMAILS, PASSWORD } from "./people";

/** What the first page of a demo practice has beside the others': who there is, each a press away, and where to read on. */
export function Accounts() {
  const { t } = useLingui();
  const router = useRouter();
  const [busy, setBusy] = useState<string | null>(null);
  const [refusal, setRefusal] = useState("");

  async function enter(email: string): Promise<void> {
    setBusy(email);
    setRefusal("");
    try {
      const { role } = await signIn(email, PASSWORD);
      await router.navigate({ to: ownPage(role) });
    } catch (error) {
      setRefusal(inWords(error));
    } finally {
      setBusy(null);
    }
  }

  const accounts: [email: string, who: string, what: ReactNode][] = [
    [EMAILS.patient, "Mia Schmidt", <Trans>Patient: books, moves and cancels her appointments.</Trans>],
    [EMAILS.desk, "Reception", <Trans>Front desk: sees every diary, books and moves.</Trans>],
    [EMAILS.dentist, "Dr. Anna Keller", <Trans>Dentist: sees her day and receives her patients.</Trans>],
  ];
  return (
    <section className={styles["demo"]} aria-labelledby="demo">
      <h2 id="demo">
        <Trans>Try it with a demo practice</Trans>
      </h2>
      <p className={styles["hint"]}>
        <Trans>
          Enter as one of these here, and as another one in a private window, then change something. Every account has the password{" "}
          <code>{PASSWORD}</code>.
        </Trans>
      </p>
      {refusal && <Message kind="danger">{refusal}</Message>}
      <ul className={styles["accounts"]}>
        {accounts.map(([email, who, what]) => (
          <li key={email} className={styles["account"]}>
            <h3>{who}</h3>
            <p>{what}</p>
            <p className={styles["email"]}>{email}</p>
            <Button aria-label={t`Enter as ${who}`} isBusy={busy === email} onPress={() => void enter(email)}>
              <Trans>Enter</Trans>
            </Button>
          </li>
        ))}
      </ul>
      <p className={styles["hint"]}>
        <Trans>
          For developers: <a href={`${apiUrl}/api/docs/`}>the API</a>, <a href={`${apiUrl}/guides/protocol.md`}>the protocol</a>,{" "}
          <a href={`${apiUrl}/guides/front-ends.md`}>these pages</a>, <a href={`${apiUrl}/guides/deploying.md`}>deploying</a>.
        </Trans>
      </p>
    </section>
  );
}
