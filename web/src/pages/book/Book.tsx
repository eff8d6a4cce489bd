import { Trans, useLingui } from "@lingui/react/macro";
import { useLocation, useSearch } from "@tanstack/react-router";
import { Suspense, lazy } from "react";
import { ButtonLink } from "../../shared/ButtonLink";
import { Empty } from "../../shared/Empty";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useTitle } from "../../shared/title";
import { inWords } from "../../words/refusals";
import styles from "./Book.module.css";
import { Free } from "./Free";
import { usePlace } from "./place";

const Booked = lazy(async () => ({ default: (await import("./Booked")).Booked }));

/** What is free, for everybody, and how to take it. */
export function Book() {
  const { t } = useLingui();
  useTitle(t`Book an appointment`);
  const { booked } = useSearch({ from: "/book" });
  const { data: place, error } = usePlace();
  return (
    <div className={styles["page"]}>
      {error !== null && <Message kind="danger">{inWords(error)}</Message>}
      {error === null && place === undefined && <Waiting />}
      {place === null && <NothingShown />}
      {place && booked === undefined && <Free place={place} />}
      {place && booked !== undefined && (
        <Suspense fallback={<Waiting />}>
          <Booked id={booked} place={place} />
        </Suspense>
      )}
    </div>
  );
}

function NothingShown() {
  const from = useLocation({ select: ({ href }) => href });
  return (
    <Empty title={<Trans>This practice shows no free times to everybody</Trans>}>
      <p>
        <Trans>Call the practice to book. Whoever has an account here signs in and books.</Trans>
      </p>
      <ButtonLink to="/sign-in" search={{ from }} look="main">
        <Trans>Sign in</Trans>
      </ButtonLink>
    </Empty>
  );
}
