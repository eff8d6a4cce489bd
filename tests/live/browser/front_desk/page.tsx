// A front desk in React: the appointments of a day, what is free on it, and booking. ?api=…&email=…&password=…&from=…&to=…&patient=…
// says whose and when, of all patients or one; `desk` is what tests hold on to.
import { reload, remember } from "./refresh";
import { ApiError, Session, browserStore, type SyncError, realtimeSyncService as sync } from "@dental-sync/client";
import { useAppointments, useAvailability, useRealtimeSync, useSyncStatus } from "@dental-sync/client/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useState } from "react";
import { type Root, createRoot } from "react-dom/client";

const wish = Object.fromEntries(new URLSearchParams(location.search)) as Record<string, string>;
const { api: url = "", from = "", to = "", patient } = wish;
const session = new Session({ url, store: browserStore() });
const client = new QueryClient();
const told: unknown[] = [];
const records: unknown[] = [];
let root: Root | null = null;

function Status() {
  const { status, asOf } = useSyncStatus();
  return (
    <header>
      <h1>Front desk</h1>
      <span data-status={status}>{status}</span>
      <time>{asOf?.toLocaleTimeString("en-GB") ?? "never"}</time>
    </header>
  );
}

function Appointments({ treatmentId }: { treatmentId: string }) {
  const { appointments, asOf, book, reschedule, cancel, error } = useAppointments({ from, to, ...(patient && { patientId: patient }) });
  const { slots } = useAvailability({ from, to, treatmentId });
  const [refusal, setRefusal] = useState<SyncError | null>(null);
  useRealtimeSync("appointments", (payload) => told.push(payload));
  const trying = (write: Promise<unknown>) => {
    setRefusal(null);
    write.catch(setRefusal);
  };
  const later = (instant: string) => new Date(Date.parse(instant) + 7 * 86_400_000).toISOString();
  return (
    <main data-as-of={asOf?.toISOString()}>
      <section>
        {error && <p role="alert">{error.message}</p>}
        {refusal && (
          <p role="alert" data-code={refusal.code}>
            {refusal.message} {refusal instanceof ApiError && refusal.alternatives.map(({ startsAt }) => startsAt).join(", ")}
          </p>
        )}
        <ul id="appointments">
          {appointments?.map((appointment) => (
            <li
              key={appointment.id}
              id={`a-${appointment.id}`}
              data-starts={appointment.startsAt}
              data-state={appointment.status}
              aria-busy={appointment.pendingWrite !== undefined}
            >
              {new Date(appointment.startsAt).toLocaleTimeString("en-GB", { timeStyle: "short" })} {appointment.patientName}{" "}
              with {appointment.dentistName}
              <button className="cancel" onClick={() => trying(cancel(appointment))}>Cancel</button>
              <button className="move" onClick={() => trying(reschedule(appointment, { startsAt: later(appointment.startsAt) }))}>
                A week later
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <ul id="slots">
          {slots?.map(({ dentistId, startsAt }) => (
            <li key={dentistId + startsAt}>
              <button
                data-starts={startsAt}
                data-dentist={dentistId}
                onClick={() => trying(book({ dentistId, startsAt, treatmentId }, { shown: { patientName: "Me" } }))}
              >
                {new Date(startsAt).toLocaleTimeString("en-GB", { timeStyle: "short" })}
              </button>
            </li>
          ))}
        </ul>
      </section>
    </main>
  );
}

function Practice() {
  useRealtimeSync("practice", (record) => records.push(record));
  return <p>Follows the practice</p>;
}

const desk = {
  sync,
  client,
  told,
  records,
  subscriptions: () => sync.getActiveSubscriptionsCount(),
  async signIn(email: string, password: string) {
    await session.signIn(email, password);
    sync.configure({ url, getToken: session.getToken });
  },
  mount() {
    root = createRoot(document.body);
    root.render(
      <StrictMode>
        <QueryClientProvider client={client}>
          <Status />
          <Appointments treatmentId={wish["treatment"] ?? ""} />
        </QueryClientProvider>
      </StrictMode>,
    );
  },
  /** For staff: shows beside the rest what follows the practice; gives what takes it away. */
  followPractice() {
    const beside = createRoot(document.body.appendChild(document.createElement("aside")));
    beside.render(<StrictMode><Practice /></StrictMode>);
    return () => beside.unmount();
  },
  reload(hasOtherHooks: boolean) {
    reload("Appointments", Appointments, hasOtherHooks);
  },
  unmount() {
    root?.unmount();
    root = null;
  },
};
declare global {
  interface Window {
    desk: typeof desk;
  }
}
window.desk = desk;
remember("Appointments", Appointments);

if (wish["email"] && wish["password"]) await desk.signIn(wish["email"], wish["password"]);
else sync.configure({ url, getToken: session.getToken });
desk.mount();
