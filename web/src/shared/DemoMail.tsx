import { useQuery } from "@tanstack/react-query";
import { api } from "../api";
import { isDemo } from "../place";
import styles from "./DemoMail.module.css";

const LOOK_EVERY_MS = 1_000;

/** In demo mode nobody has to open a mailbox: the newest mail to an address. */
export function DemoMail({ to }: { to: string }) {
  const { data } = useQuery({
    queryKey: ["demo-mail", to],
    queryFn: () => api.listMails({ to, limit: 1 }),
    enabled: isDemo,
    // It comes a moment later; where there is no folder for mails, never.
    refetchInterval: ({ state }) => (state.error === null ? LOOK_EVERY_MS : false),
  });
  const mail = data?.items[0];
  if (mail === undefined) return null;
  return (
    <article className={styles["mail"]}>
      <h2>{mail.subject}</h2>
      <p>{mail.text}</p>
    </article>
  );
}
