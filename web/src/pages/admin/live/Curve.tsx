import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { pastMoment } from "../../../shared/times";
import styles from "./Live.module.css";
import { Table } from "./Tables";
import { type Rate, type Sample, inTens, ratesOf } from "./samples";

const HEIGHT_PX = 200;

/** The rates as curves, and as a table for whoever does not see them, and for paper. */
export function Curve({ samples }: { samples: readonly Sample[] }) {
  const { i18n, t } = useLingui();
  const rates = ratesOf(samples);
  const number = (value: number) => i18n.number(value, { maximumFractionDigits: 1 });
  return (
    <>
      <p className={styles["legend"]} aria-hidden="true">
        <span className={styles["made"]}>
          <Trans>Events</Trans>
        </span>
        <span className={styles["passed"]}>
          <Trans>Passed on by all processes</Trans>
        </span>
      </p>
      <Drawn rates={rates} />
      <details>
        <summary>
          <Trans>As a table</Trans>
        </summary>
        <Table
          label={t`Events a second`}
          head={[
            <Trans key="from">From</Trans>,
            <Trans key="events">Events a second</Trans>,
            <Trans key="delivered">Passed on a second</Trans>,
          ]}
        >
          {inTens(rates).map(({ at, events, delivered }) => (
            <tr key={at}>
              <th scope="row">{pastMoment(new Date(at * 1000))}</th>
              <td>{number(events)}</td>
              <td>{number(delivered)}</td>
            </tr>
          ))}
        </Table>
      </details>
    </>
  );
}

function Drawn({ rates }: { rates: readonly Rate[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const made = drawnIn(element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watch.observe(element);
    // What is drawn on a canvas does not follow the colours of the page by itself.
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => made.redraw(false, true);
    dark.addEventListener("change", redraw);
    return () => {
      dark.removeEventListener("change", redraw);
      watch.disconnect();
      made.destroy();
    };
  }, []);
  useEffect(() => {
    const columns = [rates.map(({ at }) => at), rates.map(({ events }) => events), rates.map(({ delivered }) => delivered)];
    plot.current?.setData(columns as unknown as uPlot.AlignedData);
  }, [rates]);
  return <div ref={place} className={styles["curve"]} aria-hidden="true" />;
}

function drawnIn(element: HTMLElement): uPlot {
  const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(name).trim();
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      { ...axis, values: (_, moments) => moments.map((at) => pastMoment(new Date(at * 1000))), space: 90 },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      { stroke: colour("--brand"), width: 2, points: { show: false } },
      // Told apart without colour too.
      { stroke: colour("--info"), width: 2, dash: [6, 4], points: { show: false } },
    ],
  };
  return new uPlot(options, [[], [], []], element);
}
