import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components/Form";
import { register } from "../../session";
import { Button } from "../../shared/Button";
import { Field } from "../../shared/Field";
import { Message } from "../../shared/Message";
import { SignInForm } from "../../shared/SignInForm";
import { atFields, inWords } from "../../words/refusals";
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
      {isNew ? <Register place={place} /> : <SignInForm onSignedIn={() => {}} />}
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

function Register({ place }: { place: Place }) {
  const { t } = useLingui();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  const [wrong, setWrong] = useState<Record<string, string>>({});

  /** At the first letter: a message that goes when the field is left would move the button from below the pointer. */
  const named = (name: string) => ({
    name,
    onChange: () => name in wrong && setWrong(({ [name]: _, ...others }) => others),
  });

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    setBusy(true);
    setRefusal("");
    setWrong({});
    try {
      await register({
        name: text("name"),
        email: text("email"),
        password: String(form.get("password")),
        phone: text("phone") || null,
        invitation: text("invitation") || null,
      });
    } catch (error) {
      const fields = atFields(error);
      setWrong(fields);
      if (Object.keys(fields).length === 0) setRefusal(inWords(error));
      setBusy(false);
    }
  }

  return (
    <Form
      className={styles["form"] ?? ""}
      validationErrors={wrong}
      onSubmit={(event) => void send(event)}
    >
      {refusal && <Message kind="danger">{refusal}</Message>}
      {place.newPatients === "closed" && (
        <Field label={t`Invitation code`} {...named("invitation")} hint={t`New patients need one from the practice.`} isRequired />
      )}
      <Field label={t`Your name`} {...named("name")} autoComplete="name" isRequired />
      <Field label={t`E-mail`} {...named("email")} type="email" autoComplete="username" isRequired />
      <Field label={t`Phone (optional)`} {...named("phone")} type="tel" autoComplete="tel" hint={t`For the practice, if something changes.`} />
      <Field
        label={t`Password`}
        {...named("password")}
        type="password"
        autoComplete="new-password"
        hint={t`At least 8 characters. With it you see and change your appointments.`}
        minLength={8}
        isRequired
      />
      <Button look="main" type="submit" isBusy={isBusy}>
        <Trans>Go on</Trans>
      </Button>
    </Form>
  );
}
