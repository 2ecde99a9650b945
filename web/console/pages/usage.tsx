// How often a key was used, day by day.

import {useMemo, useState, type ReactElement} from 'react';
import {useRead} from '../api.ts';
import {Chart} from '../chart.tsx';
import {formatDay, formatNumber} from '../format.ts';
import {ReadUsage} from '../operations.ts';
import {text} from '../text.ts';
import {Choices, Empty, Loading, Problem} from '../ui.tsx';

type UsageDay = {readonly date: string; readonly uses: number};

const t = text.key.usage;
const spans = {'30': 30, '90': 90};

export default function Usage({url}: {url: string}): ReactElement {
  const [span, setSpan] = useState<keyof typeof spans>('30');
  const {data, error, isPending} = useRead(ReadUsage, url, {id: url, days: spans['90']}, {staleTime: 0});
  const all = data?.key?.usage ?? [];
  if (isPending) return <Loading/>;
  if (error) return <Problem error={error}/>;
  if (all.every(({uses}) => uses === 0)) return <Empty icon="history" title={t.emptyTitle}>{t.empty}</Empty>;
  return (
    <>
      <p className="soft">{t.lead}</p>
      <Choices compact legend={t.span} value={span} onChange={setSpan} options={(['30', '90'] as const).map((value) => ({value, label: t.days(spans[value])}))}/>
      <Days all={all} days={spans[span]}/>
    </>
  );
}

function Days({all, days}: {all: readonly UsageDay[]; days: number}): ReactElement {
  const shown = useMemo(() => all.slice(-days), [all, days]);
  const times = useMemo(() => shown.map(({date}) => Date.parse(date) / 1000), [shown]);
  const series = useMemo(() => [{label: t.columns.uses, tone: 'accent' as const, values: shown.map(({uses}) => uses || null)}], [shown]);
  const summary = summarize(shown, days);
  return (
    <>
      <Chart title={t.chart} summary={summary} times={times} series={series} by="day"/>
      <p>{summary}</p>
      <details>
        <summary>{t.table}</summary>
        <div className="table scroll" tabIndex={0} role="region" aria-label={t.tableCaption(days)}>
          <table>
            <caption className="visually-hidden">{t.tableCaption(days)}</caption>
            <thead><tr><th scope="col">{t.columns.day}</th><th scope="col" className="number">{t.columns.uses}</th></tr></thead>
            <tbody>
              {[...shown].reverse().map(({date, uses}) => <tr key={date}><th scope="row"><time dateTime={date}>{formatDay(date)}</time></th><td className="number" data-label={t.columns.uses}>{formatNumber(uses)}</td></tr>)}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

function summarize(shown: readonly UsageDay[], days: number): string {
  const total = shown.reduce((sum, {uses}) => sum + uses, 0);
  const most = shown.reduce<UsageDay | undefined>((best, day) => (best && best.uses >= day.uses ? best : day), undefined);
  if (total === 0 || !most) return t.none(days);
  return t.summary(total, formatNumber(total), days, formatNumber(most.uses), formatDay(most.date));
}
