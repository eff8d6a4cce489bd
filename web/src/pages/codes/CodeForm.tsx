import { SyncError } from "@dental-sync/client";
import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { type CodePage, codeOf, forget } from "../../mailed";
import { Field } from "../../shared/Field";
import { SendForm } from "../../shared/SendForm";
import { inWords } from "../../words/refusals";

interface CodeFormProps {
  /** Whose code is sent; it is asked for where the link had none, or one that was refused. */
  page: CodePage;
  action: ReactNode;
  /** Given the code, and what is in the fields by their names. */
  onSend: (code: string, text: (name: string) => string) => Promise<void>;
  /** What refusals are called here, by their codes, where the usual words do not fit. */
  words?: Record<string, string>;
  children?: ReactNode;
}

const WRONG_CODE = new Set(["unknown-code", "unknown-invitation"]);

/** Sends a code that was mailed or handed over: by a press, never by a visit alone. */
export function CodeForm({ page, action, onSend, words = {}, children }: CodeFormProps) {
  const { t } = useLingui();
  const [known] = useState(() => codeOf(page));
  const [asks, setAsks] = useState(known === "");

  function say(error: unknown): string {
    const refused = error instanceof SyncError ? error.code : "";
    if (WRONG_CODE.has(refused)) setAsks(true);
    return words[refused] ?? inWords(error);
  }

  return (
    <SendForm
      action={action}
      say={say}
      onSend={async (text) => {
        await onSend(asks ? text("code").trim() : known, text);
        // It has done what it was for.
        forget(page);
      }}
    >
      {children}
      {asks && (
        <Field
          label={t`Code`}
          name="code"
          defaultValue={known}
          autoComplete="one-time-code"
          hint={t`16 letters and digits, as they were mailed or handed to you.`}
          isRequired
        />
      )}
    </SendForm>
  );
}
