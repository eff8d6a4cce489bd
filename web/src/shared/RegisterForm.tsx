import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { register } from "../session";
import { inWords } from "../words/refusals";
import { Field } from "./Field";
import { SendForm } from "./SendForm";
import { useWrong } from "./wrong";

interface RegisterFormProps {
  /** Whether the practice takes the invited alone. */
  asksInvitation?: boolean;
  /** The code of an invitation that is known; it is shown where it was refused. */
  invitation?: string;
  autoFocus?: boolean;
  onRegistered?: () => void | Promise<void>;
}

/** Makes a patient's account, and signs in. */
export function RegisterForm({ asksInvitation = false, invitation = "", autoFocus = false, onRegistered }: RegisterFormProps) {
  const { t } = useLingui();
  const { wrong, named, take, forget } = useWrong();
  const [asks, setAsks] = useState(asksInvitation);

  async function send(text: (name: string) => string): Promise<void> {
    forget();
    await register({
      name: text("name").trim(),
      email: text("email").trim(),
      password: text("password"),
      phone: text("phone").trim() || null,
      invitation: (asks ? text("invitation").trim() : invitation) || null,
    });
    await onRegistered?.();
  }

  function say(error: unknown): string {
    const fields = take(error);
    if ("invitation" in fields) setAsks(true);
    return Object.keys(fields).length === 0 ? inWords(error) : "";
  }

  return (
    <SendForm action={<Trans>Go on</Trans>} onSend={send} say={say} wrong={wrong}>
      {asks && (
        <Field
          label={t`Invitation code`}
          {...named("invitation")}
          defaultValue={invitation}
          hint={t`New patients need one from the practice.`}
          isRequired
        />
      )}
      <Field label={t`Your name`} {...named("name")} autoComplete="name" isRequired autoFocus={autoFocus} />
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
    </SendForm>
  );
}
