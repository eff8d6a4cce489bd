import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Button } from "../../shared/Button";
import { RegisterForm } from "../../shared/RegisterForm";
import { SignInForm } from "../../shared/SignInForm";
import { Phone } from "./Contact";
import styles from "./Take.module.css";
import type { Place } from "./place";

/** Who wants the time: somebody new, or somebody with an account. Then the time is kept. */
export function Join({ place }: { place: Place }) {
  const takesNew = place.publicBooking === "book";
  const [isNew, setNew] = useState(takesNew);
  return (
    <section className={styles["panel"]} aria-labelledby="join">
      <h2 id="join">{isNew ? <Trans>Who is coming?</Trans> : <Trans>Sign in</Trans>}</h2>
      {isNew ? <RegisterForm asksInvitation={place.newPatients === "closed"} /> : <SignInForm onSignedIn={() => {}} />}
      {takesNew && (
        <p className={styles["switch"]}>
          {isNew ? <Trans>You have an account here?</Trans> : <Trans>You are new here?</Trans>}
          <Button look="quiet" size="small" onPress={() => setNew(!isNew)}>
            {isNew ? <Trans>Use your account</Trans> : <Trans>Make an account</Trans>}
          </Button>
        </p>
      )}
      {!takesNew && place.phone !== null && (
        <p className={styles["said"]}>
          <Trans>No account yet? Call the practice:</Trans> <Phone number={place.phone} />
        </p>
      )}
    </section>
  );
}
