import type { Slot } from "@dental-sync/client";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../../shared/Button";
import { Message } from "../../shared/Message";
import { Waiting } from "../../shared/Waiting";
import { useTitle } from "../../shared/title";
import { inWords } from "../../words/refusals";
import styles from "./Demo.module.css";
import { Report } from "./Report";
import { type Frames, pageOf, syncStateOf, until } from "./frames";
import { WHO, type Who } from "./people";
import { type Stage, prepare } from "./stage";
import { type Booker, type Report as Reported, book, bringBack, cut, take, takeTwice } from "./stories";

/** A patient's, a dentist's and the front desk's page side by side, and stories that move all of them. */
export function Demo() {
  const { t } = useLingui();
  useTitle(t`Three screens side by side`);
  // Signed in once for as long as this page is loaded: the frames have their sessions from here.
  const { data: stage, error, refetch } = useQuery({
    queryKey: ["demo"],
    queryFn: prepare,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className={styles["page"]} data-wide="">
      <h1 className={styles["title"]}>
        <Trans>One diary, three screens</Trans>
      </h1>
      {error !== null && (
        <>
          <Message kind="danger">{inWords(error)}</Message>
          <div>
            <Button onPress={() => void refetch()}>
              <Trans>Try again</Trans>
            </Button>
          </div>
        </>
      )}
      {error === null && stage === undefined && <Waiting />}
      {stage !== undefined && <Stories stage={stage} />}
    </div>
  );
}

type Story = "book" | "twice" | "cut" | "back";

function Stories({ stage }: { stage: Stage }) {
  const { t } = useLingui();
  const elements = useRef<Partial<Frames>>({});
  const [isReady, setReady] = useState(false);
  const [busy, setBusy] = useState<Story | null>(null);
  const [isCut, setCut] = useState(stage.people.dentist.line.isCut);
  const [report, setReport] = useState<Reported | null>(null);
  const [refusal, setRefusal] = useState<unknown>(null);
  // What a frame shows at first; later days are led to.
  const [pages] = useState(() => Object.fromEntries(WHO.map((who) => [who, pageOf(stage, who)])));

  useEffect(() => {
    const areLive = () => WHO.every((who) => elements.current[who] && syncStateOf(elements.current[who]) === "live");
    void until(() => areLive() || null, Number.POSITIVE_INFINITY).then(() => setReady(true));
  }, []);

  async function play(story: Story, how: (stage: Stage, frames: Frames) => Promise<Reported>): Promise<void> {
    if (busy !== null) return;
    setBusy(story);
    setRefusal(null);
    try {
      setReport(await how(stage, elements.current as Frames));
    } catch (error) {
      setReport(null);
      setRefusal(error);
    } finally {
      setCut(stage.people.dentist.line.isCut);
      setBusy(null);
    }
  }

  const [name, dentistName, deskName] = WHO.map((who) => stage.people[who].account.name);
  const stories: [story: Story, label: ReactNode, look: ReactNode, how: typeof book, isPossible: boolean][] = [
    ["book", <Trans>Book</Trans>, <Trans>Watch the dentist's day and the front desk while {name} books a time.</Trans>, book, true],
    [
      "twice",
      <Trans>Take the same time twice</Trans>,
      <Trans>Watch who gets a time that {name} and the front desk take at the same moment, and what is offered instead.</Trans>,
      takeTwice,
      true,
    ],
    [
      "cut",
      <Trans>Cut the connection</Trans>,
      <Trans>Watch the sign beside the dentist's day, whose connection is cut while {name} books.</Trans>,
      cut,
      !isCut,
    ],
    ["back", <Trans>Bring it back</Trans>, <Trans>Watch what was booked meanwhile arrive on the dentist's screen.</Trans>, bringBack, isCut],
  ];
  const captions: Record<Who, string> = {
    patient: t`Patient: ${name}`,
    dentist: t`Dentist: ${dentistName}`,
    desk: t`Front desk: ${deskName}`,
  };
  return (
    <>
      <ol className={styles["stories"]}>
        {stories.map(([story, label, look, how, isPossible]) => (
          <li key={story} className={styles["story"]}>
            <Button
              size="small"
              look={story === "book" ? "main" : "plain"}
              data-story={story}
              aria-describedby={`look-${story}`}
              isDisabled={!isReady || !isPossible}
              isBusy={busy === story}
              onPress={() => void play(story, how)}
            >
              {label}
            </Button>
            <p id={`look-${story}`}>{look}</p>
          </li>
        ))}
      </ol>
      <div className={styles["report"]} role="status" data-report={report?.kind}>
        {!isReady && <Trans>The three screens are being opened …</Trans>}
        {isReady && report === null && refusal === null && (
          <Trans>Every screen is a real page with its own session: press a button, or use them by hand.</Trans>
        )}
        {refusal !== null && inWords(refusal)}
        {report !== null && (
          <Report
            stage={stage}
            report={report}
            onTake={(who: Booker, time: Slot) => void play("book", (...all) => take(...all, who, time))}
          />
        )}
      </div>
      <div className={styles["screens"]}>
        {WHO.map((who) => (
          <figure key={who} className={styles["screen"]}>
            <figcaption>{captions[who]}</figcaption>
            <iframe
              ref={(element) => {
                if (element !== null) elements.current[who] = element;
              }}
              name={who}
              title={captions[who]}
              src={pages[who]}
            />
          </figure>
        ))}
      </div>
    </>
  );
}
