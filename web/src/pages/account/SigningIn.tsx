import { type Account, SyncError } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api";
import { Field } from "../../shared/Field";
import { Message } from "../../shared/Message";
import { More } from "../../shared/More";
import { SendForm } from "../../shared/SendForm";
import { toast } from "../../shared/toasts";
import { atFields, inWords } from "../../words/refusals";
import styles from "./Account.module.css";
import { Section } from "./Section";

/** With what somebody signs in: the address and the password. */
export function SigningIn({ account: { email } }: { account: Account }) {
  return (
    <Section title={<Trans>How you sign in</Trans>}>
      <p className={styles["words"]}>
        <Trans>With {email} and your password.</Trans>
      </p>
      <div>
        <More summary={<Trans>Change the e-mail address</Trans>}>{() => <AnotherAddress />}</More>
        <More summary={<Trans>Change the password</Trans>}>{(close) => <AnotherPassword email={email} onDone={close} />}</More>
      </div>
    </Section>
  );
}

/** What is said where the own password is wrong: 403 everywhere but at signing in. */
export function useOwnPasswordWords(): (error: unknown) => string {
  const { t } = useLingui();
  return (error) =>
    error instanceof SyncError && error.code === "forbidden" ? t`The password is wrong. Check it and try again.` : inWords(error);
}

function AnotherAddress() {
  const { t } = useLingui();
  const say = useOwnPasswordWords();
  const [sentTo, setSentTo] = useState("");

  return (
    <>
      {sentTo !== "" && (
        <Message kind="info">
          <Trans>A mail is on its way to {sentTo}. The link in it confirms the address, and is good for half an hour.</Trans>
        </Message>
      )}
      <SendForm
        action={<Trans>Send me a mail</Trans>}
        say={say}
        onSend={async (text) => {
          setSentTo("");
          const email = text("email").trim();
          await api.askForAddress({ email, password: text("password") });
          setSentTo(email);
        }}
      >
        <Field
          label={t`Another e-mail address`}
          name="email"
          type="email"
          autoComplete="email"
          hint={t`You sign in with it once you have opened the link that is mailed there.`}
          isRequired
        />
        <Field label={t`Password`} name="password" type="password" autoComplete="current-password" isRequired />
      </SendForm>
      <Link to="/address">
        <Trans>I have a code already</Trans>
      </Link>
    </>
  );
}

function AnotherPassword({ email, onDone }: { email: string; onDone: () => void }) {
  const { t } = useLingui();
  const inOwnWords = useOwnPasswordWords();
  const [wrong, setWrong] = useState<Record<string, string>>({});
  // Another form each time: what was typed into the last one is forgotten.
  const [form, setForm] = useState(0);

  function say(error: unknown): string {
    const fields = atFields(error);
    setWrong(fields);
    return "password" in fields ? "" : inOwnWords(error);
  }

  return (
    <SendForm
      key={form}
      action={<Trans>Set the password</Trans>}
      wrong={wrong}
      say={say}
      onSend={async (text) => {
        setWrong({});
        await api.changePassword({ current: text("current"), new: text("password") });
        setForm((before) => before + 1);
        onDone();
        toast({ kind: "done", text: t`The password is set. You were signed out everywhere else.` });
      }}
    >
      {/* So that a password manager knows whose it is. */}
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <Field label={t`Password until now`} name="current" type="password" autoComplete="current-password" isRequired />
      <Field
        label={t`Password from now on`}
        name="password"
        type="password"
        autoComplete="new-password"
        hint={t`At least 8 characters. Everywhere else you are signed out.`}
        minLength={8}
        isRequired
      />
    </SendForm>
  );
}
