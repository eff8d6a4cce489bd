import { type Account, ApiError } from "@dental-sync/client";
import { type FormEvent, useState } from "react";
import { begin, session, url } from "./sync";

export function SignIn({ onSignedIn }: { onSignedIn: (account: Account) => void }) {
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function signIn(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      const account = await session.signIn(String(form.get("email")), String(form.get("password")));
      begin();
      onSignedIn(account);
    } catch (error) {
      setBusy(false);
      setProblem(error instanceof ApiError ? error.message : `${url} does not answer. Is \`make run\` running?`);
    }
  }

  return (
    <main>
      <h1>Sign in</h1>
      <form onSubmit={(event) => void signIn(event)}>
        <label>
          E-mail address
          <input name="email" type="email" autoComplete="username" defaultValue="patient1@demo.test" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" defaultValue="demo-password-1" required />
        </label>
        <button disabled={isBusy}>Sign in</button>
        <p role="alert">{problem}</p>
      </form>
    </main>
  );
}
