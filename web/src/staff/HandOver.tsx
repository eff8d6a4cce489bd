import { useAppointments } from "@dental-sync/client/react";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useRef } from "react";
import { Button } from "../shared/Button";
import { Field } from "../shared/Field";
import { Message } from "../shared/Message";
import card from "../sheet/Card.module.css";
import type { Dentist } from "../sheet/ground";
import { Choose } from "./Choose";
import { inStaffWords } from "./refusals";
import { GoingOver } from "./GoingOver";
import { useFocusBack } from "./focusBack";
import { type HandOver as Doing, concerned, spanOf } from "./handOver";

interface HandOverProps {
  doing: Doing;
  dentists: Dentist[];
  zone: string;
  /** Whether it is about the own appointments and no others. */
  isOwn?: boolean;
}

/** Gives what a dentist has in a span to a colleague: first what that is, then what has become of it. */
export function HandOver({ doing, dentists, zone, isOwn = false }: HandOverProps) {
  const { t } = useLingui();
  const { wish, isBusy, problem, outcome, change, send, close } = doing;
  const form = useRef<HTMLFormElement>(null);
  useFocusBack(form);
  const times = spanOf(wish, zone);
  const colleagues = dentists.filter(({ id }) => id !== wish.dentistId);
  return (
    <form
      ref={form}
      className={card["card"]}
      aria-label={t`Hand over`}
      data-hand-over=""
      onSubmit={(event) => {
        event.preventDefault();
        if (wish.to !== "") void send(zone);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) close();
      }}
    >
      <header className={card["cardHead"]}>
        <h2>
          <Trans>Hand over</Trans>
        </h2>
        <p className={card["soft"]}>
          <Trans>Somebody is ill or away: a colleague sees the patients at the same times.</Trans>
        </p>
      </header>
      {!isOwn && (
        <Choose
          label={t`Whose appointments`}
          value={wish.dentistId}
          options={dentists}
          autoFocus
          onChange={(dentistId) => change({ dentistId, ...(dentistId === wish.to && { to: "" }) })}
        />
      )}
      <Choose
        label={t`Who takes them`}
        value={wish.to}
        options={colleagues}
        none={t`Choose a colleague`}
        autoFocus={isOwn}
        onChange={(to) => change({ to })}
      />
      <Field
        label={t`Begins`}
        type="datetime-local"
        value={wish.from}
        onChange={(from) => change({ from })}
        isRequired
      />
      <Field
        label={t`Ends`}
        type="datetime-local"
        value={wish.until}
        onChange={(until) => change({ until })}
        isRequired
      />
      {problem !== null && <Message kind="danger">{problem}</Message>}
      {times === null ? (
        <p>
          <Trans>The end must come after the beginning, by 31 days at most.</Trans>
        </p>
      ) : (
        <Preview doing={doing} zone={zone} from={times.from} until={times.until} />
      )}
      <div className={card["actions"]}>
        <Button type="submit" look="main" isBusy={isBusy} isDisabled={times === null || wish.to === ""}>
          {outcome === null ? <Trans>Hand them over</Trans> : <Trans>Hand the rest over</Trans>}
        </Button>
        <Button onPress={close}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </form>
  );
}

function Outcome({ moved, left }: { moved: number; left: number }) {
  return (
    <Message kind={left > 0 ? "danger" : "info"}>
      <Plural value={moved} _0="None was handed over." one="# was handed over." other="# were handed over." />{" "}
      {left > 0 && (
        <Plural
          value={left}
          one="# stays: below is why. Move it, put it in anyway, or choose another colleague for it."
          other="# stay: below is why. Move them, put them in anyway, or choose another colleague for them."
        />
      )}
    </Message>
  );
}

interface PreviewProps {
  doing: Doing;
  zone: string;
  from: string;
  until: string;
}

/** What would go, as it changes; afterwards what is left. */
function Preview({ doing, zone, from, until }: PreviewProps) {
  const { wish, outcome } = doing;
  const own = useAppointments(
    useMemo(() => ({ from, to: until, dentistId: wish.dentistId }), [from, until, wish.dentistId]),
  );
  const others = useAppointments(
    useMemo(() => ({ from, to: until, dentistId: wish.to || wish.dentistId }), [from, until, wish.to, wish.dentistId]),
  );
  const problem = own.error ?? others.error;
  if (problem) return <Message kind="danger">{inStaffWords(problem)}</Message>;
  if (own.appointments === undefined) {
    return (
      <p aria-busy="true">
        <Trans>Looking up what is booked …</Trans>
      </p>
    );
  }
  const going = concerned(own.appointments, { from, until });
  const left = going.filter(({ id }) => outcome?.refused.has(id)).length;
  return (
    <>
      {outcome !== null && <Outcome moved={outcome.moved} left={left} />}
      {going.length > 0 ? (
        <GoingOver
          going={going}
          taken={wish.to === "" ? [] : (others.appointments ?? [])}
          refused={outcome?.refused ?? null}
          zone={zone}
          onForce={wish.to === "" || doing.force === null ? null : doing.force}
        />
      ) : (
        <p role="status">
          {outcome === null ? (
            <Trans>Nothing is booked in this span.</Trans>
          ) : (
            <Trans>Nothing is left to hand over.</Trans>
          )}
        </p>
      )}
    </>
  );
}
