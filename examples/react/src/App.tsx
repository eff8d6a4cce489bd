import { type Account, realtimeSyncService } from "@dental-sync/client";
import { useSyncStatus } from "@dental-sync/client/react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Appointments } from "./Appointments";
import { Book } from "./Book";
import { SignIn } from "./SignIn";
import { session } from "./sync";

export function App({ signedIn }: { signedIn: Account | null }) {
  const [account, setAccount] = useState(signedIn);
  if (account === null) return <SignIn onSignedIn={setAccount} />;

  async function signOut(): Promise<void> {
    realtimeSyncService.close();
    await session.signOut();
    setAccount(null);
  }

  return (
    <main>
      <header>
        <h1>{account.name}</h1>
        <Status />
        <button onClick={() => void signOut()}>Sign out</button>
      </header>
      {account.role === "patient" ? <Diary /> : <p>This page is for patients; {account.email} is none.</p>}
    </main>
  );
}

/** Everything is shown by the practice's clock, wherever the browser is. */
function Diary() {
  const practice = useQuery({ queryKey: ["practice"], queryFn: () => realtimeSyncService.api.getPractice() });
  if (practice.error) return <p role="alert">{practice.error.message}</p>;
  if (practice.data === undefined) return <p>One moment …</p>;
  return (
    <>
      <Appointments timeZone={practice.data.timeZone} />
      <Book timeZone={practice.data.timeZone} />
    </>
  );
}

/** How true the page is at this moment. */
function Status() {
  const { status, asOf, error } = useSyncStatus();
  if (status === "live") return <p className="live">Up to date</p>;
  const since = asOf === null ? "" : `, as of ${asOf.toLocaleTimeString()}`;
  return <p role="status">{error !== null && status === "closed" ? error.message : `${status}${since}`}</p>;
}
