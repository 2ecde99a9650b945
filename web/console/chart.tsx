// A chart of the last hour, minute by minute, or of days (UTC), drawn by uPlot. Whoever cannot see it has the numbers in a table; series differ by dashes as well as by colour.

import {useEffect, useRef, type ReactElement} from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';

export type Series = {label: string; tone: 'accent' | 'good' | 'warning' | 'danger'; values: readonly (number | null)[]; dash?: readonly number[]};

/** times are seconds since 1970. */
export function Chart({title, summary, times, series, by = 'minute'}: {title: string; summary: string; times: readonly number[]; series: readonly Series[]; by?: 'minute' | 'day'}): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const place = box.current;
    if (!place || !legend.current) return undefined;
    const swatches = [...legend.current.children];
    let plot: UPlot | undefined;
    const draw = () => {
      plot?.destroy();
      const style = getComputedStyle(place);
      const grid = {stroke: style.borderTopColor, width: 1};
      const axis = {stroke: style.color, font: `${style.fontSize} ${style.fontFamily}`, grid, ticks: grid};
      plot = new UPlot({
        width: Math.max(place.clientWidth, 200), height: 180,
        cursor: {show: false}, legend: {show: false}, select: {show: false, left: 0, top: 0, width: 0, height: 0},
        ...(by === 'day' && {tzDate: (at: number) => UPlot.tzDate(new Date(at * 1000), 'Etc/UTC')}),
        scales: {x: {time: true, range: () => span(times, by)}, y: {range: (_, __, most) => [0, niceTop(most)]}},
        axes: [
          {...axis, space: 70, values: (_, splits) => splits.map((at) => (by === 'day' ? day : clock).format(at * 1000))},
          {...axis, size: 56, ...(by === 'day' && {incrs: wholes}), values: (_, splits) => splits.map((value) => number.format(value))},
        ],
        series: [{}, ...series.map(({label, dash}, i) => ({
          label, width: 2, ...(dash && {dash: [...dash]}), stroke: swatches[i] ? getComputedStyle(swatches[i]).color : 'currentColor', points: {show: by === 'minute' && times.length < 10, size: 5}, spanGaps: false,
          ...(by === 'day' && bars && {paths: bars({size: [0.7, 40]})}),
          ...(series.length === 1 && swatches[i] && {fill: by === 'day' ? getComputedStyle(swatches[i]).color : faded(getComputedStyle(swatches[i]).color)}),
        }))],
      }, [[...times], ...series.map(({values}) => [...values])] as UPlot.AlignedData, place);
    };
    draw();
    let width = place.clientWidth;
    const resized = new ResizeObserver(() => {
      if (place.clientWidth === width) return;
      width = place.clientWidth;
      plot?.setSize({width: Math.max(width, 200), height: 180});
    });
    resized.observe(place);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', draw);
      plot?.destroy();
    };
  }, [series, times, by]);
  return (
    <figure className="chart">
      <figcaption>
        <h3>{title}</h3>
        <ul className="legend" ref={legend} hidden={series.length < 2}>{series.map(({label, tone, dash}) => <li key={label} className={`tone-${tone}`}><svg viewBox="0 0 24 8" aria-hidden="true"><path d="M0 4h24" strokeDasharray={dash?.join(' ')}/></svg><span>{label}</span></li>)}</ul>
      </figcaption>
      <div className="plot" ref={box} role="img" aria-label={summary}/>
    </figure>
  );
}

const clock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const day = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'short', timeZone: 'UTC'});
const bars = UPlot.paths.bars;
const wholes = Array.from({length: 16}, (_, i) => [1, 2, 5].map((step) => step * 10 ** i)).flat();

/** From where to where the chart goes: an hour, or the days with room for the whole of the first and last bar. */
function span(times: readonly number[], by: 'minute' | 'day'): [number, number] {
  const last = times.at(-1) ?? 0;
  return by === 'minute' ? [last - 59 * 60, last] : [(times[0] ?? 0) - 12 * 3600, last + 12 * 3600];
}

const number = new Intl.NumberFormat(undefined, {maximumFractionDigits: 2});

/** A round number that the highest value is below. */
function niceTop(most: number | null): number {
  if (!most || most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((step) => step * power >= most * 1.05) ?? 20) * power;
}

function faded(rgb: string): string {
  return rgb.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)');
}
