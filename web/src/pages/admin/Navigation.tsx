import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Icon } from "../../shared/Icon";
import { useMedia } from "../../shared/media";
import styles from "./Navigation.module.css";
import { VIEWS, viewOf } from "./views";

/** The views, and the way to the front desk; folded where there is little room. */
export function Navigation({ current }: { current: string }) {
  const { t, i18n } = useLingui();
  const isWide = useMedia("(min-width: 60rem)");
  return (
    <nav className={styles["navigation"]} aria-label={t`Administration`} data-print="none">
      {isWide ? (
        <Views current={current} />
      ) : (
        // Another one is folded again.
        <details key={current} className={styles["menu"]}>
          <summary className={styles["summary"]}>{i18n._(viewOf(current).title)}</summary>
          <Views current={current} />
        </details>
      )}
    </nav>
  );
}

function Views({ current }: { current: string }) {
  const { i18n } = useLingui();
  return (
    <ul className={styles["views"]}>
      {VIEWS.map(({ name, title }) => (
        <li key={name}>
          <Link
            to="/admin"
            search={{ view: name }}
            className={styles["link"]}
            activeProps={{}}
            aria-current={name === current ? "page" : undefined}
          >
            {i18n._(title)}
          </Link>
        </li>
      ))}
      <li className={styles["elsewhere"]}>
        <Link to="/desk" className={styles["link"]}>
          <Trans>Front desk</Trans>
          <Icon name="arrow" />
        </Link>
      </li>
    </ul>
  );
}
