// Somebody's diary: what there is, then whatever changes. ?api=…&email=…&password=… says whose.
import { createRealtimeSync } from "@dental-sync/client";

const wanted = new URLSearchParams(location.search);
const [api, email, password] = ["api", "email", "password"].map((name) => wanted.get(name));
const backoffMs = Number(wanted.get("backoffMs"));
const shown = new Map();
const elements = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
let token = null;

async function getToken({ fresh }) {
  if (fresh || token === null) {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify({ email, password });
    const answer = await fetch(`${api}/api/auth/login`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`signing in was answered with ${answer.status}`);
    const { accessToken, user } = await answer.json();
    elements.whose.textContent = `Diary of ${user.name}`;
    token = accessToken;
  }
  return token;
}

function happened(what, id, text) {
  const entry = document.createElement("li");
  Object.assign(entry.dataset, { what, id });
  entry.textContent = `${time(new Date())} ${what} ${text}`;
  elements.happened.append(entry);
}

function time(instant) {
  return instant.toLocaleTimeString("en-GB");
}

function show() {
  const { status, asOf } = sync.getState();
  elements.status.textContent = elements.status.dataset.status = status;
  elements["as-of"].textContent = asOf === null ? "–" : time(asOf);
  elements["as-of"].dateTime = asOf?.toISOString() ?? "";
  const days = Map.groupBy([...shown.values()].sort((one, other) => (one.startsAt < other.startsAt ? -1 : 1)), (each) =>
    new Date(each.startsAt).toLocaleDateString("en-GB", { dateStyle: "full" }),
  );
  elements.appointments.replaceChildren(
    ...[...days].flatMap(([day, appointments]) => {
      const heading = document.createElement("h2");
      heading.textContent = day;
      const table = document.createElement("table");
      for (const { id, startsAt, endsAt, patientName, dentistName, reason, status } of appointments) {
        const row = table.insertRow();
        Object.assign(row.dataset, { id, status });
        const [from, to] = [startsAt, endsAt].map((each) => time(new Date(each)).slice(0, 5));
        for (const text of [`${from}–${to}`, patientName, dentistName, reason ?? "", status]) row.insertCell().textContent = text;
      }
      return [heading, table];
    }),
  );
}

function take(what) {
  return (appointment) => {
    shown.set(appointment.id, appointment);
    happened(what, appointment.id, `${appointment.patientName}, ${appointment.startsAt.slice(0, 16)}`);
    show();
  };
}

const sync = createRealtimeSync({
  url: api,
  getToken,
  ...(backoffMs && { backoff: { firstMs: backoffMs, longestMs: backoffMs } }),
});
sync.onStateChange(({ status, error }) => {
  happened(status, "", error?.code ?? "");
  show();
});
elements.leave.addEventListener("click", () => sync.close());
setInterval(show, 500);

const snapshot = await sync.api.appointments({ from: new Date().toISOString() });
for (const appointment of snapshot.items) shown.set(appointment.id, appointment);
sync.subscribeToOwnAppointments(
  {
    onAppointmentCreated: take("created"),
    onAppointmentUpdated: take("updated"),
    onAppointmentDeleted(id) {
      shown.delete(id);
      happened("deleted", id, "");
      show();
    },
    onResync: () => location.reload(),
    onError: ({ code }) => happened("error", "", code),
  },
  { since: snapshot },
);
show();
