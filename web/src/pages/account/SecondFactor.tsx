import { SyncError } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api";
import { Button } from "../../shared/Button";
import { Field } from "../../shared/Field";
import { Message } from "../../shared/Message";
import { More } from "../../shared/More";
import { QrCode } from "../../shared/QrCode";
import { SendForm } from "../../shared/SendForm";
import { Waiting } from "../../shared/Waiting";
import { momentOf } from "../../shared/times";
import { toast } from "../../shared/toasts";
import { inWords } from "../../words/refusals";
import styles from "./Account.module.css";
import { Section } from "./Section";
import { useOwnPasswordWords } from "./SigningIn";

/** A code of an app beside the password; for who works here. */
export function SecondFactor() {
  const { data: factor, error, refetch } = useQuery({
    queryKey: ["second-factor"],
    queryFn: () => api.getSecondFactor(),
    refetchOnWindowFocus: "always",
  });
  const [recovery, setRecovery] = useState<string[] | null>(null);
  return (
    <Section title={<Trans>Second factor</Trans>}>
      <p className={styles["words"]}>
        <Trans>Beside your password you are asked for a code of an app on your phone. A password that was found out is then not enough.</Trans>
      </p>
      {error && factor === undefined && <Message kind="danger">{inWords(error)}</Message>}
      {factor === undefined && !error && <Waiting />}
      {recovery !== null && <RecoveryCodes codes={recovery} onKept={() => setRecovery(null)} />}
      {factor?.since && recovery === null && <Counting since={factor.since} left={factor.recoveryCodesLeft} />}
      {factor?.since && (
        <More summary={<Trans>Take the second factor away</Trans>}>{() => <Remove onRemoved={() => void refetch()} />}</More>
      )}
      {factor !== undefined && factor.since === undefined && (
        <More summary={<Trans>Set up a second factor</Trans>}>
          {() => (
            <SetUp
              onSet={(codes) => {
                setRecovery(codes);
                void refetch();
              }}
            />
          )}
        </More>
      )}
    </Section>
  );
}

function Counting({ since, left }: { since: string; left: number }) {
  const set = momentOf(since);
  return (
    <p>
      <Trans>
        Set up {set}. Recovery codes left: {left}.
      </Trans>{" "}
      {left < 3 && <Trans>Take it away and set it up again to have ten.</Trans>}
    </p>
  );
}

interface Begun {
  password: string;
  secret: string;
  uri: string;
}

/** The password first, then a code of the app that has the secret. */
function SetUp({ onSet }: { onSet: (recovery: string[]) => void }) {
  const { t } = useLingui();
  const wrongPassword = useOwnPasswordWords();
  const wrongCode = useCodeWords();
  const [begun, setBegun] = useState<Begun | null>(null);

  if (begun === null) {
    return (
      <SendForm
        action={<Trans>Go on</Trans>}
        say={wrongPassword}
        onSend={async (text) => {
          const password = text("password");
          const { secret = "", uri = "" } = await api.setSecondFactor({ password });
          setBegun({ password, secret, uri });
        }}
      >
        <Field label={t`Password`} name="password" type="password" autoComplete="current-password" isRequired />
      </SendForm>
    );
  }
  return (
    <>
      <p>
        <Trans>Point the app's camera at the picture, or type the letters into the app.</Trans>
      </p>
      <QrCode text={begun.uri} label={t`Picture for the app's camera; the letters below say the same`} />
      <p className={styles["secret"]} data-secret="">
        {begun.secret}
      </p>
      <SendForm
        action={<Trans>Set it up</Trans>}
        say={wrongCode}
        onSend={async (text) => {
          const { recoveryCodes = [] } = await api.setSecondFactor({ password: begun.password, code: text("code").trim() });
          onSet(recoveryCodes);
        }}
      >
        <Field
          label={t`Code`}
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          hint={t`The six digits that the app shows. Everywhere else you are signed out.`}
          isRequired
          autoFocus
        />
      </SendForm>
    </>
  );
}

/** Each instead of the app, once; they are not shown again. */
function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const { t } = useLingui();
  return (
    <>
      <Message kind="info">
        <Trans>
          From now on you sign in with a code of your app. Keep these recovery codes where you find them without your phone: each works
          once in place of the app, and they are not shown again.
        </Trans>
      </Message>
      <ul className={styles["codes"]} aria-label={t`Recovery codes`}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div>
        <Button look="main" onPress={onKept}>
          <Trans>I have kept them</Trans>
        </Button>
      </div>
    </>
  );
}

function Remove({ onRemoved }: { onRemoved: () => void }) {
  const { t } = useLingui();
  const say = useCodeWords();
  return (
    <SendForm
      action={<Trans>Take it away</Trans>}
      say={say}
      onSend={async (text) => {
        await api.removeSecondFactor({ password: text("password"), code: text("code").trim() });
        toast({ kind: "done", text: t`The second factor is taken away.` });
        onRemoved();
      }}
    >
      <Field label={t`Password`} name="password" type="password" autoComplete="current-password" isRequired />
      <Field
        label={t`Code`}
        name="code"
        autoComplete="one-time-code"
        hint={t`Six digits of your authenticator app, or a recovery code.`}
        isRequired
      />
    </SendForm>
  );
}

/** Which of the two is wrong the service does not say. */
function useCodeWords(): (error: unknown) => string {
  const { t } = useLingui();
  return (error) =>
    error instanceof SyncError && error.code === "forbidden"
      ? t`The password or the code is wrong. Take the newest code from your app.`
      : inWords(error);
}
