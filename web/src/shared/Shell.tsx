import { Trans, useLingui } from "@lingui/react/macro";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef } from "react";
import { ownPage } from "../access";
import icon from "../icon.svg";
import { lent } from "../lent";
import { apiUrl, isFramed } from "../place";
import { signOut, useAccount } from "../session";
import { type Language, spoken } from "../words/language";
import { ButtonLink } from "./ButtonLink";
import { Message } from "./Message";
import { NativeButton } from "./NativeButton";
import { useNotice } from "./notice";
import styles from "./Shell.module.css";

/** What is around every page: whose it is, the way home, the language. In a frame the page around it has the last two. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  useFocusOnNewPages(main);
  return (
    <div className={styles["shell"]}>
      <a
        className={styles["skip"]}
        href="#content"
        onClick={(event) => {
          // Its address is relative to the base, which is the start page.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        <Trans>To the content</Trans>
      </a>
      <header className={styles["header"]}>
        {!isFramed && <Brand />}
        <Who />
      </header>
      <main ref={main} id="content" className={styles["main"]} tabIndex={-1}>
        <Notice />
        <Outlet />
      </main>
      {!isFramed && <Foot />}
    </div>
  );
}

function Brand() {
  const { t } = useLingui();
  return (
    <Link to="/" className={styles["brand"]} aria-label={t`Dental Sync, start page`}>
      <img src={icon} alt="" width="32" height="32" />
      <span>Dental Sync</span>
    </Link>
  );
}

function Foot() {
  return (
    <footer className={styles["footer"]} data-print="none">
      <Languages />
      <a href={`${apiUrl}/api/docs/`}>
        <Trans>For developers: the API</Trans>
      </a>
    </footer>
  );
}

/** The focus was on what led here, which is gone: whoever uses keys or listens goes on from the new content. */
function useFocusOnNewPages(main: RefObject<HTMLElement | null>): void {
  const page = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const before = useRef(page);
  useEffect(() => {
    const isAnother = before.current !== undefined && before.current !== page;
    before.current = page;
    if (isAnother && !main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [page, main]);
}

function Who() {
  const { t } = useLingui();
  const account = useAccount();
  const navigate = useNavigate();
  const { pathname, href } = useRouterState({ select: ({ location }) => location });
  if (account === null) {
    if (pathname === "/sign-in") return null;
    return (
      // Whoever has found a time comes back to it.
      <ButtonLink to="/sign-in" search={pathname === "/book" ? { from: href } : {}} size="small">
        <Trans>Sign in</Trans>
      </ButtonLink>
    );
  }
  return (
    <div className={styles["who"]}>
      <Link to={ownPage(account.role)} className={styles["name"]}>
        {account.name}
      </Link>
      <ButtonLink to="/account" size="small" look="quiet" aria-label={t`My account`} title={t`My account`}>
        <svg className={styles["person"]} viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM2.5 14c.6-3 2.7-4.5 5.5-4.5s4.9 1.5 5.5 4.5" />
        </svg>
      </ButtonLink>
      {lent === null && (
        <NativeButton
          onClick={async () => {
            await signOut();
            await navigate({ to: "/" });
          }}
        >
          <Trans>Sign out</Trans>
        </NativeButton>
      )}
    </div>
  );
}

function Notice() {
  const notice = useNotice();
  if (notice === null) return null;
  return <Message kind="info">{notice}</Message>;
}

const LANGUAGES: [Language, string][] = [
  ["en", "English"],
  ["de", "Deutsch"],
];

function Languages() {
  const { t } = useLingui();
  return (
    <nav className={styles["languages"]} aria-label={t`Language`}>
      {LANGUAGES.map(([language, name]) => (
        <Link
          key={language}
          to="."
          search={(now) => ({ ...now, lang: language })}
          lang={language}
          hrefLang={language}
          replace
          activeProps={{}}
          aria-current={language === spoken() ? "true" : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
