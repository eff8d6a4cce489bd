import { Trans, useLingui } from "@lingui/react/macro";
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ownPage } from "../../access";
import { apiUrl, isDemo } from "../../place";
import { signIn, useAccount } from "../../session";
import { Button } from "../../shared/Button";
import { ButtonLink } from "../../shared/ButtonLink";
import { Message } from "../../shared/Message";
import { useTitle } from "../../shared/title";
import { inWords } from "../../words/refusals";
import { Picture } from "./Picture";
import styles from "./Landing.module.css";

/** Where somebody comes first: what this is, and the way to the own page. */
export function Landing() {
  const { t } = useLingui();
  useTitle(t`Welcome`);
  return (
    <>
      <section className={styles["hero"]}>
        <div className={styles["words"]}>
          <h1 className={styles["title"]}>
            <Trans>One diary, true on every screen</Trans>
          </h1>
          <p className={styles["lead"]}>
            <Trans>
              What is booked, moved or cancelled here is on the dentist's screen and at the front desk in the same
              moment, without loading a page again.
            </Trans>
          </p>
          <Ways />
        </div>
        <Picture />
      </section>
      {isDemo && <Demo />}
    </>
  );
}

function Ways() {
  const account = useAccount();
  const page = account === null ? null : ownPage(account.role);
  if (page === "/") {
    return (
      <Message kind="info">
        <Trans>
          Programs have no page here. Everything is in the <a href={`${apiUrl}/api/docs/`}>API</a>.
        </Trans>
      </Message>
    );
  }
  return (
    <div className={styles["ways"]}>
      {page === "/desk" && (
        <ButtonLink to="/desk" look="main">
          <Trans>Front desk</Trans>
        </ButtonLink>
      )}
      {page === "/admin" && (
        <ButtonLink to="/admin" look="main">
          <Trans>Administration</Trans>
        </ButtonLink>
      )}
      {(page === null || page === "/my") && (
        <>
          <ButtonLink to="/book" look="main">
            <Trans>Book an appointment</Trans>
          </ButtonLink>
          <ButtonLink to="/my">
            <Trans>My appointments</Trans>
          </ButtonLink>
        </>
      )}
      {(page === null || page === "/dentist") && (
        <ButtonLink to="/dentist" look={page === "/dentist" ? "main" : "plain"}>
          {page === null ? <Trans>My day as a dentist</Trans> : <Trans>My day</Trans>}
        </ButtonLink>
      )}
    </div>
  );
}

const PASSWORD = "demo-password-1";

/** In demo mode: who there is, each a press away. */
function Demo() {
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
    ["patient1@demo.test", "Mia Schmidt", <Trans>Patient: books, moves and cancels her appointments.</Trans>],
    ["desk@demo.test", "Reception", <Trans>Front desk: sees every diary, books and moves.</Trans>],
    ["dentist1@demo.test", "Dr. Anna Keller", <Trans>Dentist: sees her day and receives her patients.</Trans>],
  ];
  return (
    <section className={styles["demo"]} aria-labelledby="demo">
      <h2 id="demo">
        <Trans>Try it with a demo practice</Trans>
      </h2>
      <p className={styles["hint"]}>
        <Trans>
          Open one of them here and the other in a private window, then change something. Every account has the password{" "}
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
    </section>
  );
}
