import { Trans, useLingui } from "@lingui/react/macro";
import { Suspense, lazy } from "react";
import { ownPage } from "../../access";
import { apiUrl, isDemo } from "../../place";
import { useAccount } from "../../session";
import { ButtonLink } from "../../shared/ButtonLink";
import { Message } from "../../shared/Message";
import { useTitle } from "../../shared/title";
import { Picture } from "./Picture";
import styles from "./Landing.module.css";

// Fetched together with this page, see routes.tsx.
const Accounts = lazy(async () => ({ default: (await import("../demo/Accounts")).Accounts }));

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
      {isDemo && (
        <Suspense>
          <Accounts />
        </Suspense>
      )}
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
      {isDemo && page === null && (
        <ButtonLink to="/demo" look="main">
          <Trans>See it on three screens</Trans>
        </ButtonLink>
      )}
      {(page === null || page === "/my") && (
        <>
          <ButtonLink to="/book" look={isDemo && page === null ? "plain" : "main"}>
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
