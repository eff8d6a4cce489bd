import { useLingui } from "@lingui/react/macro";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { Dentist } from "../../sheet/ground";
import { localOf } from "../../staff/spans";
import { Away } from "./Away";
import { type Beside, Diary } from "./Diary";
import { HandOver } from "../../staff/HandOver";
import { restOf, useHandOver } from "../../staff/handOver";
import { SeriesBooked } from "./SeriesBooked";
import type { SeriesOutcome } from "./series";

interface DeskDayProps {
  day: string;
  /** With which the week begins that is shown, if it is a week. */
  monday: string | undefined;
  today: string;
  zone: string;
  now: Date;
  /** The grid where none was chosen on this device, in minutes. */
  usualStep: number;
  dentists: Dentist[];
}

/** A day of everybody or a week of one, and what is done beside it, which stays while other days are looked at. */
export function DeskDay({ day, monday, today, zone, now, usualStep, dentists }: DeskDayProps) {
  const { t } = useLingui();
  const { dentist } = useSearch({ from: "/desk" });
  const { handOver, begin } = useHandOver(true);
  const [series, setSeries] = useState<SeriesOutcome | null>(null);
  const [isAwayOpen, setAwayOpen] = useState(false);

  function beside(): Beside | null {
    if (handOver !== null) {
      const content = <HandOver doing={handOver} dentists={dentists} zone={zone} />;
      return { label: t`Hand over`, onClose: handOver.close, content };
    }
    if (series !== null) {
      const close = () => setSeries(null);
      return { label: t`Series`, onClose: close, content: <SeriesBooked outcome={series} zone={zone} onClose={close} /> };
    }
    if (!isAwayOpen) return null;
    const close = () => setAwayOpen(false);
    const content = (
      <Away
        dentists={dentists}
        today={today}
        zone={zone}
        now={now}
        onHandOver={({ id }, { startsAt, endsAt }) => {
          const from = new Date(Math.max(now.getTime(), Date.parse(startsAt))).toISOString();
          begin({ dentistId: id, to: "", from: localOf(from, zone), until: localOf(endsAt, zone) });
        }}
        onClose={close}
      />
    );
    return { label: t`Away and closed`, onClose: close, content };
  }

  return (
    <Diary
      key={monday ?? day}
      day={day}
      today={today}
      zone={zone}
      now={now}
      usualStep={usualStep}
      dentists={dentists}
      onHandOver={() => begin({ dentistId: dentist ?? dentists[0]?.id ?? "", to: "", ...restOf(day, zone, now) })}
      onAway={() => setAwayOpen(true)}
      onIncomplete={setSeries}
      beside={beside()}
    />
  );
}
