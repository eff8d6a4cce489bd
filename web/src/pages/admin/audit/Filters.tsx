import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "../../../shared/Button";
import { Field } from "../../../shared/Field";
import { Choose } from "../../../staff/Choose";
import { Beside } from "../forms/Part";
import styles from "./Audit.module.css";
import type { Looked } from "./entries";
import { type Entry, actionsByName } from "./words";

/** What is looked for, from the address. */
export function useLooked(): Looked {
  const { actor, record, action, from, to } = useSearch({ from: "/admin" });
  return { ...(actor && { actor }), ...(record && { record }), ...(action && { action }), ...(from && { from }), ...(to && { to }) };
}

/** Looks for something else: what is undefined or empty is looked for no longer. */
export function useLook() {
  const navigate = useNavigate({ from: "/admin" });
  return (change: { [Name in keyof Looked]?: string | undefined }) =>
    void navigate({
      search: (now) => {
        const all = Object.entries({ ...now, ...change }).filter(([, value]) => value !== undefined && value !== "");
        return Object.fromEntries(all) as typeof now;
      },
      replace: true,
    });
}

interface FiltersProps {
  looked: Looked;
  /** Where to find what an account is called. */
  named: readonly Entry[];
  onAgain: () => void;
  isBusy: boolean;
}

export function Filters({ looked: { actor, record, action, from, to }, named, onAgain, isBusy }: FiltersProps) {
  const { t } = useLingui();
  const look = useLook();
  const name = named.find(({ actorId }) => actorId === actor)?.actorName ?? actor;
  return (
    <search className={styles["filters"]}>
      <Beside>
        <Choose
          label={t`What was done`}
          value={action ?? ""}
          none={t`Anything`}
          options={actionsByName()}
          onChange={(id) => look({ action: id })}
        />
        <Field label={t`From`} type="date" value={from ?? ""} onChange={(date) => look({ from: date })} />
        <Field label={t`To`} type="date" value={to ?? ""} onChange={(date) => look({ to: date })} />
      </Beside>
      <div className={styles["chosen"]}>
        {actor !== undefined && (
          <Button onPress={() => look({ actor: undefined })}>
            <Trans>By {name}: everybody again</Trans>
          </Button>
        )}
        {record !== undefined && (
          <Button onPress={() => look({ record: undefined })}>
            <Trans>About one record: all again</Trans>
          </Button>
        )}
        <Button isBusy={isBusy} onPress={onAgain}>
          <Trans>Look again</Trans>
        </Button>
      </div>
    </search>
  );
}
