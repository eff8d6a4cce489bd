/** Where the log ended, and how many messages all processes had passed on, when the service was asked. */
export interface Sample {
  /** In seconds since 1970. */
  at: number;
  position: number;
  epoch: string;
  delivered: number;
}

/** How many events were made, and how many messages passed on, in each second. */
export interface Rate {
  at: number;
  events: number;
  delivered: number;
}

interface Said {
  timestamp: string;
  position: number;
  epoch: string;
  processes: readonly { delivered?: number | null | undefined }[];
}

// Three minutes, at one a second.
const MOST = 181;

export function sampleOf({ timestamp, position, epoch, processes }: Said): Sample {
  const delivered = processes.reduce((sum, process) => sum + (process.delivered ?? 0), 0);
  return { at: Date.parse(timestamp) / 1000, position, epoch, delivered };
}

/** The samples with another one; without those of another log, whose positions say nothing about this one's. */
export function withSample(before: readonly Sample[], sample: Sample): Sample[] {
  const last = before.at(-1);
  if (last !== undefined && last.epoch !== sample.epoch) return [sample];
  if (last !== undefined && sample.at <= last.at) return [...before];
  return [...before.slice(1 - MOST), sample];
}

/** What happened between each sample and the next. A process that ended takes its count along: that is no rate below 0. */
export function ratesOf(samples: readonly Sample[]): Rate[] {
  return samples.slice(1).map((sample, index) => {
    const before = samples[index] as Sample;
    const seconds = sample.at - before.at;
    return {
      at: sample.at,
      events: Math.max(0, sample.position - before.position) / seconds,
      delivered: Math.max(0, sample.delivered - before.delivered) / seconds,
    };
  });
}

/** The rates of each ten seconds, the newest first: what a table can show of a curve. */
export function inTens(rates: readonly Rate[]): Rate[] {
  const tens = new Map<number, Rate[]>();
  for (const rate of rates) {
    const ten = Math.floor(rate.at / 10) * 10;
    tens.set(ten, [...(tens.get(ten) ?? []), rate]);
  }
  const mean = (of: Rate[], what: "events" | "delivered") => of.reduce((sum, rate) => sum + rate[what], 0) / of.length;
  return [...tens]
    .map(([at, of]) => ({ at, events: mean(of, "events"), delivered: mean(of, "delivered") }))
    .sort((one, other) => other.at - one.at);
}

/** How often was refused what, over all processes, the most frequent first. */
export function refusalsOf(processes: readonly { refusals?: Record<string, number> | null | undefined }[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { refusals } of processes) {
    for (const [code, count] of Object.entries(refusals ?? {})) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return [...counts].sort(([code, count], [other, more]) => more - count || code.localeCompare(other));
}
