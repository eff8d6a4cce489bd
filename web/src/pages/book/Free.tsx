import type { Appointment } from "@dental-sync/client";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Suspense, lazy, useEffect, useMemo, useRef } from "react";
import { api } from "../../api";
import { useAccount } from "../../session";
import { ButtonLink } from "../../shared/ButtonLink";
import { Empty } from "../../shared/Empty";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useNow } from "../../shared/now";
import { dateOf, dayOf, shifted, timeOf, todayIn } from "../../shared/times";
import { inWords } from "../../words/refusals";
import styles from "./Book.module.css";
import { Choice } from "./Choice";
import { Contact, Phone } from "./Contact";
import { Times } from "./Times";
import { Week } from "./Week";
import { useNextFree } from "./next";
import type { Place } from "./place";
import { useTimes } from "./times";
import { offered, on, spanOf, weekOf } from "./weeks";

const Follow = lazy(async () => ({ default: (await import("./Follow")).Follow }));
const Take = lazy(async () => ({ default: (await import("./Take")).Take }));

/** The free times of a week, and the one that somebody has chosen. */
export function Free({ place }: { place: Place }) {
  const account = useAccount();
  const navigate = useNavigate({ from: "/book" });
  const search = useSearch({ from: "/book" });
  const zone = place.timeZone;
  const today = todayIn(zone, useNow());
  const { data: moving, error: notMoved } = useQuery({
    queryKey: ["moving", search.move],
    queryFn: () => api.getAppointment(search.move as string),
    enabled: search.move !== undefined,
  });
  const treatment =
    search.move === undefined
      ? (place.treatments.find(({ id }) => id === search.treatment) ?? place.treatments[0])
      : place.treatments.find(({ id }) => id === moving?.treatmentId);
  const dentists = place.dentists.filter(({ treatments }) => treatment && (treatments?.includes(treatment.id) ?? true));
  const dentist = dentists.find(({ id }) => id === search.dentist);
  const order = JSON.stringify(dentists.map(({ id }) => id));

  const days = weekOf(search.date, today);
  const last = days[days.length - 1] as string;
  const treatments = moving === undefined ? treatment?.id : moving.treatmentIds.join(",");
  const what = { ...(treatments && { treatmentIds: treatments }), ...(dentist && { dentistId: dentist.id }) };
  const wanted = treatments ? { ...spanOf(days, zone), ...what } : null;
  const { slots, error, initial, mayFollow, onTold } = useTimes(wanted);
  const free = useMemo(() => slots && offered(slots, JSON.parse(order) as string[]), [slots, order]);
  const day = search.date ?? (free?.[0] ? dateOf(free[0].startsAt, zone) : (days[0] as string));
  const here = free && on(day, free, zone);
  const later = free?.find(({ startsAt }) => dateOf(startsAt, zone) > day);
  const ahead = useNextFree(shifted(last, 1), zone, what, here?.length === 0 && later === undefined);
  const next = later ?? ahead.data;

  // Who has not asked for a day is shown the first one that has anything.
  const first = free?.length === 0 && search.date === undefined && ahead.data ? dateOf(ahead.data.startsAt, zone) : undefined;
  useEffect(() => {
    if (first !== undefined) void navigate({ to: "/book", search: (now) => ({ ...now, date: first }), replace: true });
  }, [first, navigate]);

  // The focus was in what has been closed.
  const chosen = useRef(search.at);
  useEffect(() => {
    if (chosen.current !== undefined && search.at === undefined) document.getElementById("day")?.focus();
    chosen.current = search.at;
  }, [search.at]);

  if (notMoved !== null) return <Message kind="danger">{inWords(notMoved)}</Message>;
  if (search.move !== undefined && moving === undefined) return <Waiting />;
  if (treatment === undefined || wanted === null) return <NothingOffered place={place} />;
  const head = (
    <header className={styles["head"]}>
      <Contact place={place} />
      <div className={styles["fresh"]}>
        {mayFollow && (
          <Suspense>
            <Follow wanted={wanted} initial={initial} onTold={onTold} />
          </Suspense>
        )}
      </div>
    </header>
  );
  if (search.at !== undefined && search.with !== undefined) {
    return (
      <>
        {head}
        <Suspense fallback={<Waiting />}>
          <Take
            key={`${search.at} ${search.with}`}
            at={search.at}
            dentistId={search.with}
            treatment={treatment}
            place={place}
            slots={slots}
            moving={moving}
          />
        </Suspense>
      </>
    );
  }
  return (
    <div className={styles["free"]}>
      {head}
      {moving === undefined ? <Heading place={place} isVisitor={account === null} /> : <Moving appointment={moving} zone={zone} />}
      <Choice place={place} treatment={treatment.id} isFixed={moving !== undefined} dentists={dentists} dentist={dentist?.id} />
      {error !== null ? (
        <Message kind="danger">{inWords(error)}</Message>
      ) : (
        <>
          <Week days={days} day={day} today={today} free={free} zone={zone} />
          <section className={styles["times"]} aria-labelledby="day">
            {here === undefined ? (
              <Waiting />
            ) : (
              <Times
                slots={here}
                list={JSON.stringify([day, what, account?.id])}
                zone={zone}
                name={(id) => (dentist === undefined && dentists.length > 1 ? dentists.find((one) => one.id === id)?.name : undefined)}
              />
            )}
            {ahead.error !== null && <Message kind="danger">{inWords(ahead.error)}</Message>}
            {here?.length === 0 && !ahead.isLoading && ahead.error === null && (
              <Nothing next={next ?? null} zone={zone} isAnybody={dentist === undefined} phone={place.phone} />
            )}
          </section>
        </>
      )}
    </div>
  );
}

function Heading({ place: { publicBooking, newPatients, phone }, isVisitor }: { place: Place; isVisitor: boolean }) {
  return (
    <div className={styles["heading"]}>
      <h1>
        <Trans>Book an appointment</Trans>
      </h1>
      {isVisitor && publicBooking === "view" && (
        <p className={styles["said"]}>
          <Trans>These times are free. To book one, call the practice, or sign in if you have an account here.</Trans>{" "}
          {phone !== null && <Phone number={phone} />}
        </p>
      )}
      {isVisitor && publicBooking === "book" && <Newcomers newPatients={newPatients} phone={phone} />}
    </div>
  );
}

function Moving({ appointment: { startsAt, dentistName }, zone }: { appointment: Appointment; zone: string }) {
  const before = `${dayOf(startsAt, zone)}, ${timeOf(startsAt, zone)}, ${dentistName}`;
  return (
    <div className={styles["heading"]}>
      <h1>
        <Trans>Move your appointment</Trans>
      </h1>
      <p className={styles["said"]}>
        <Trans>Now: {before}</Trans>
      </p>
      <ButtonLink to="/my" look="quiet" size="small" className={styles["leave"] ?? ""}>
        <Trans>Leave it as it is</Trans>
      </ButtonLink>
    </div>
  );
}

/** Whom the practice takes that it does not know, before somebody has chosen a time. */
function Newcomers({ newPatients, phone }: Pick<Place, "newPatients" | "phone">) {
  if (newPatients === "open") return null;
  return (
    <p className={styles["said"]}>
      {newPatients === "closed" && (
        <Trans>At the moment new patients are taken by invitation only. Call the practice if you have not been here before.</Trans>
      )}
      {newPatients === "verified" && (
        <Trans>New here? You confirm your e-mail address with a code before the time is kept for you.</Trans>
      )}
      {newPatients === "approve" && (
        <Trans>New here? The practice looks at your first booking and says yes; until then the time is kept for you.</Trans>
      )}{" "}
      {newPatients === "closed" && phone !== null && <Phone number={phone} />}
    </p>
  );
}

function NothingOffered({ place: { phone } }: { place: Place }) {
  return (
    <Empty title={<Trans>Nothing can be booked here at the moment</Trans>}>
      <p>
        <Trans>Call the practice to book.</Trans> {phone !== null && <Phone number={phone} />}
      </p>
    </Empty>
  );
}

interface NothingProps {
  next: { startsAt: string } | null;
  zone: string;
  isAnybody: boolean;
  phone: string | null;
}

/** A day without a free time leads to the next one that has some. */
function Nothing({ next, zone, isAnybody, phone }: NothingProps) {
  const when = next === null ? "" : `${dayOf(next.startsAt, zone)}, ${timeOf(next.startsAt, zone)}`;
  return (
    <Empty level="h2" title={next === null ? <Trans>Nothing is free in the next months</Trans> : <Trans>Nothing is free on this day</Trans>}>
      {next !== null && (
        <ButtonLink from="/book" to="/book" look="main" search={(now) => ({ ...now, date: dateOf(next.startsAt, zone) })}>
          <Trans>Next free time: {when}</Trans>
        </ButtonLink>
      )}
      {!isAnybody && (
        <ButtonLink from="/book" to="/book" search={({ dentist: _, ...now }) => now}>
          <Trans>Look with everybody</Trans>
        </ButtonLink>
      )}
      {next === null && isAnybody && (
        <p>
          <Trans>Choose another treatment, or call the practice.</Trans> {phone !== null && <Phone number={phone} />}
        </p>
      )}
    </Empty>
  );
}
