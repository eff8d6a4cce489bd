import { useLingui } from "@lingui/react/macro";
import { useSearch } from "@tanstack/react-router";
import { Suspense, useEffect, useRef } from "react";
import { Freshness } from "../../shared/Freshness";
import { Waiting } from "../../shared/Waiting";
import { useSessionEnd } from "../../shared/following";
import { useTitle } from "../../shared/title";
import { Toasts } from "../../shared/toasts";
import { useGroundChanges } from "../../sheet/ground";
import styles from "./Admin.module.css";
import { Navigation } from "./Navigation";
import { viewOf } from "./views";

/** What the practice is and who works in it: a view of `?view=`, as it changes. */
export function Admin() {
  const { i18n } = useLingui();
  const { view: wanted, id } = useSearch({ from: "/admin" });
  const { name, title, Page, isWide } = viewOf(wanted);
  useTitle(i18n._(title));
  useSessionEnd();
  useGroundChanges();
  return (
    <div className={styles["page"]} data-wide={isWide ? "" : undefined}>
      <Navigation current={name} />
      <section ref={useFocus(`${name} ${id}`)} className={styles["view"]} aria-labelledby="view" tabIndex={-1}>
        <header className={styles["head"]}>
          <h1 id="view">{i18n._(title)}</h1>
          <Freshness />
        </header>
        <Suspense fallback={<Waiting />}>
          <Page key={name} />
        </Suspense>
      </section>
      <Toasts />
    </div>
  );
}

/** The link that led to another view or record may be gone: whoever uses keys or listens goes on from what is shown. */
function useFocus(shown: string) {
  const place = useRef<HTMLElement>(null);
  const before = useRef(shown);
  useEffect(() => {
    const isAnother = before.current !== shown;
    before.current = shown;
    if (isAnother && !place.current?.contains(document.activeElement)) place.current?.focus({ preventScroll: true });
  }, [shown]);
  return place;
}
