import {useMemo, type ReactElement, type ReactNode} from 'react';
import {Chart} from '../chart.tsx';
import {formatNumber, formatTime, short} from '../format.ts';
import {ServiceOverview, keyStateValues, type HealthFields, type KeyState, type KeyType} from '../operations.ts';
import {operatorText} from '../operatortext.ts';
import {text} from '../text.ts';
import {Badge, Empty, Note, Time} from '../ui.tsx';
import {ServiceFrame, useServiceRead} from './service.tsx';

type Status = NonNullable<(typeof ServiceOverview)['types']> extends (variables: never) => infer Data ? Data extends {status: infer S} ? S : never : never;
type Minute = Status['activity']['minutes'][number];

const t = operatorText.overview;
const clock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const seconds = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit', second: '2-digit'});

/** What the service has, needs and does, read again every fifteen seconds. */
export function Overview(): ReactElement {
  const read = useServiceRead(ServiceOverview, {}, (data) => (data && (settled(data.status)) ? 15_000 : 1500));
  return (
    <ServiceFrame title={t.title} read={read}>
      {({status}) => (
        <>
          <p className="lead">{t.lead(status.version, formatTime(status.startedAt))} <span role="status">{t.refreshed(seconds.format(read.dataUpdatedAt))}</span></p>
          <Figures status={status}/>
          <Needs status={status}/>
          <Activity activity={status.activity}/>
          <Kinds status={status}/>
        </>
      )}
    </ServiceFrame>
  );
}

/** Whether what is found out in the background is here. */
function settled({counts, countFailed, database, locks, authServer, authServerHealth}: Status): boolean {
  return (counts !== null || countFailed) && database.health !== null && locks.every(({health}) => health) && (!authServer || authServerHealth !== null);
}

const errorsOf = (errors: readonly {count: number}[]) => errors.reduce((sum, {count}) => sum + count, 0);

function Figures({status: {counts, countFailed, activity}}: {status: Status}): ReactElement {
  const full = activity.minutes.at(-2);
  const failures = errorsOf(activity.errors);
  const missing = <span className="value none">{countFailed ? t.noCount : t.notCounted}</span>;
  const others = counts?.keystoresByState.filter(({state, count}) => state !== 'ENABLED' && count > 0) ?? [];
  const when = counts && t.at(seconds.format(new Date(counts.countedAt)));
  return (
    <section aria-label={t.title}>
      <dl className="figures">
        <Figure label={t.figures.keystores} beside={[when, ...others.map(({state, count}) => t.byState(text.states[state], count))].filter(Boolean).join(', ')}>{counts ? formatNumber(counts.keystores) : missing}</Figure>
        <Figure label={t.figures.keys} beside={when ?? undefined}>{counts ? formatNumber(counts.keys) : missing}</Figure>
        <Figure label={t.figures.operations} beside={full ? t.lastMinute : undefined}>{formatNumber((full ?? activity.minutes.at(-1))?.operations ?? 0)}</Figure>
        <Figure label={t.figures.errors} beside={t.ofRequests(activity.requests)} bad={activity.errors.some(({code}) => code === 'INTERNAL' || code === 'UPSTREAM_UNAVAILABLE')}>{formatNumber(failures)}</Figure>
        <Figure label={t.figures.latency} beside={activity.latency ? t.perHour : undefined}>{activity.latency ? t.milliseconds(activity.latency.p95) : <span className="value none">{t.noRequest}</span>}</Figure>
      </dl>
      {counts && <p className="hint">{countFailed && t.countFailed} {t.counted}</p>}
    </section>
  );
}

function Figure({label, beside, bad = false, children}: {label: string; beside?: string | undefined; bad?: boolean; children: ReactNode}): ReactElement {
  return (
    <div className={bad ? 'figure bad' : 'figure'}>
      <dt>{label}</dt>
      <dd>{typeof children === 'string' ? <span className="value">{children}</span> : children}{beside && <span className="beside"> {beside}</span>}</dd>
    </div>
  );
}

function Needs({status: {database, locks, authServer, authServerHealth, counts, activity: {vaultRequests, vaultFailures}}}: {status: Status}): ReactElement {
  const c = t.columns;
  return (
    <section className="stack tight needs" aria-labelledby="needs">
      <div><h2 id="needs">{t.health}</h2><p className="soft">{t.healthLead}</p></div>
      <div className="table">
        <table>
          <caption className="visually-hidden">{t.healthTable}</caption>
          <thead><tr><th scope="col">{c.part}</th><th scope="col">{c.state}</th><th scope="col" className="number">{c.latency}</th><th scope="col">{c.checked}</th></tr></thead>
          <tbody>
            <Part name={t.database[database.kind]} health={database.health} good={t.answers.database}/>
            {locks.map(({id, health, unsealedKeystores}) => <Part key={id} name={t.lock} sub={id} health={health} good={t.answers.lock} unsealed={unsealedKeystores ?? 0}/>)}
            {authServer
              ? <Part name={t.auth} health={authServerHealth} good={t.answers.auth}/>
              : <tr><th scope="row">{t.auth}</th><td data-label={c.state}><Badge>{t.noAuth}</Badge> <span className="soft">{t.noAuthHint}</span></td><td/><td/></tr>}
            <tr>
              <th scope="row">{t.vaults}</th>
              <td data-label={c.state}>
                {!counts ? <span className="soft">{t.notCounted}</span> : <span className="badges">
                  <Badge>{counts.vaults === 0 ? t.vaultsNone : t.vaultsUsed(counts.vaults)}</Badge>
                  {vaultFailures > 0
                    ? <><Badge tone="warning">{t.vaultsFail(vaultFailures, vaultRequests)}</Badge><span className="soft">{t.vaultsFailHint}</span></>
                    : vaultRequests > 0 && <Badge tone="good">{t.vaultsAnswer(vaultRequests)}</Badge>}
                  {counts.vaultCapabilitiesEndingSoon > 0 && <Badge tone="warning">{t.vaultsSoon(counts.vaultCapabilitiesEndingSoon)}</Badge>}
                  {counts.vaultCapabilitiesEnded > 0 && <Badge tone="danger">{t.vaultsEnded(counts.vaultCapabilitiesEnded)}</Badge>}
                  {counts.vaultCapabilitiesEndingSoon + counts.vaultCapabilitiesEnded > 0 && <span className="soft">{t.vaultsHint}</span>}
                </span>}
              </td>
              <td/>
              <td data-label={c.checked}>{counts && <Time at={counts.countedAt}/>}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Part({name, sub, health, good, unsealed = 0}: {name: string; sub?: string; health: HealthFields | null; good: string; unsealed?: number}): ReactElement {
  const c = t.columns;
  return (
    <tr>
      <th scope="row">{name}{sub && <span className="cell-sub" title={sub}>{sub.length > 40 ? sub.slice(0, 8) + short(sub.slice(8)) : sub}</span>}</th>
      <td data-label={c.state}>{health === null ? <span className="soft">{t.looking}</span> : <><Badge tone={!health.answers ? 'danger' : health.problem ? 'plain' : 'good'}>{health.answers ? good : t.fails}</Badge> {health.problem}</>}
        {unsealed > 0 && <> <Badge tone="warning">{t.unsealed(unsealed)}</Badge> <span className="soft">{t.unsealedHint}</span></>}</td>
      <td data-label={c.latency} className="number">{health && t.milliseconds(health.latency)}</td>
      <td data-label={c.checked}>{health && <Time at={health.checkedAt}/>}</td>
    </tr>
  );
}

function Activity({activity}: {activity: Status['activity']}): ReactElement {
  const {minutes, requests, since, errors} = activity;
  const charts = useMemo(() => ({
    times: minutes.map(({at}) => Date.parse(at) / 1000),
    operations: [{label: t.series.operations, tone: 'accent' as const, values: minutes.map(({operations}) => operations)}],
    errors: [{label: t.series.errors, tone: 'danger' as const, values: minutes.map((minute) => errorsOf(minute.errors))}],
    latency: [
      {label: t.series.p50, tone: 'accent' as const, values: minutes.map(({latency}) => latency?.p50 ?? null)},
      {label: t.series.p95, tone: 'warning' as const, values: minutes.map(({latency}) => latency?.p95 ?? null), dash: [6, 3]},
      {label: t.series.p99, tone: 'danger' as const, values: minutes.map(({latency}) => latency?.p99 ?? null), dash: [2, 3]},
    ],
  }), [minutes]);
  const c = t.tableColumns;
  return (
    <section className="card" aria-labelledby="activity">
      <div><h2 id="activity">{t.activity}</h2><p className="soft">{t.activityLead(clock.format(new Date(since)))}</p></div>
      {requests === 0 ? <Empty icon="history" title={t.activityEmptyTitle}>{t.activityEmpty}</Empty> : (
        <>
          <div className="charts">
            <Chart title={t.charts.operations} summary={summary(t.charts.operations, minutes, ({operations}) => operations, formatNumber)} times={charts.times} series={charts.operations}/>
            <Chart title={t.charts.latency} summary={summary(t.charts.latency, minutes, ({latency}) => latency?.p95 ?? 0, t.milliseconds)} times={charts.times} series={charts.latency}/>
            <Chart title={t.charts.errors} summary={summary(t.charts.errors, minutes, (minute) => errorsOf(minute.errors), formatNumber)} times={charts.times} series={charts.errors}/>
          </div>
          {errors.length > 0 && (
            <div className="stack tight">
              <h3>{t.errorsTitle}</h3>
              <div className="table">
                <table>
                  <caption className="visually-hidden">{t.errorsTable}</caption>
                  <thead><tr><th scope="col">{t.errorColumns.code}</th><th scope="col">{t.errorColumns.meaning}</th><th scope="col" className="number">{t.errorColumns.count}</th></tr></thead>
                  <tbody>{errors.map(({code, count}) => <tr key={code}><th scope="row"><code>{code}</code></th><td data-label={t.errorColumns.meaning}>{text.errors.codes[code as keyof typeof text.errors.codes]?.title}</td><td className="number" data-label={t.errorColumns.count}>{formatNumber(count)}</td></tr>)}</tbody>
                </table>
              </div>
            </div>
          )}
          <details>
            <summary>{t.table}</summary>
            <div className="table scroll" tabIndex={0} role="region" aria-label={t.tableCaption}>
              <table>
                <caption className="visually-hidden">{t.tableCaption}</caption>
                <thead><tr><th scope="col">{c.at}</th>{(['requests', 'operations', 'errors', 'p50', 'p95', 'p99'] as const).map((name) => <th key={name} scope="col" className="number">{c[name]}</th>)}</tr></thead>
                <tbody>
                  {[...minutes].reverse().map((minute) => (
                    <tr key={minute.at}>
                      <th scope="row"><time dateTime={minute.at}>{clock.format(new Date(minute.at))}</time></th>
                      <td className="number" data-label={c.requests}>{formatNumber(minute.requests)}</td>
                      <td className="number" data-label={c.operations}>{formatNumber(minute.operations)}</td>
                      <td className="number" data-label={c.errors}>{minute.errors.length === 0 ? '0' : minute.errors.map(({code, count}) => `${formatNumber(count)} ${code}`).join(', ')}</td>
                      {(['p50', 'p95', 'p99'] as const).map((name) => <td key={name} className="number" data-label={c[name]}>{minute.latency ? t.milliseconds(minute.latency[name]) : '–'}</td>)}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </section>
  );
}

function summary(title: string, minutes: readonly Minute[], value: (minute: Minute) => number, write: (value: number) => string): string {
  const most = minutes.reduce((best, minute) => (value(minute) > value(best) ? minute : best));
  const last = minutes.at(-1) ?? most;
  return t.chartSummary(title, write(value(most)), clock.format(new Date(most.at)), write(value(last)));
}

function Kinds({status: {counts, countFailed}}: {status: Status}): ReactElement {
  const c = t.kindColumns;
  const rows = new Map<KeyType, Partial<Record<KeyState, number>>>();
  for (const {type, state, count} of counts?.keysByKind ?? []) rows.set(type, {...rows.get(type), [state]: count});
  const total = (row: Partial<Record<KeyState, number>>) => keyStateValues.reduce((sum, state) => sum + (row[state] ?? 0), 0);
  const sorted = [...rows].sort(([, a], [, b]) => total(b) - total(a));
  const all = counts?.keys ?? 0;
  return (
    <section className="stack tight" aria-labelledby="kinds">
      <h2 id="kinds">{t.kinds}</h2>
      {!counts ? (countFailed ? <Note tone="warning">{t.noCount}</Note> : <p className="soft" role="status">{t.notCounted}</p>) : sorted.length === 0
        ? <Empty icon="key-round" title={t.kindsEmptyTitle}>{t.kindsEmpty}</Empty>
        : (
          <div className="table">
            <table>
              <caption className="visually-hidden">{t.kindsTable}</caption>
              <thead><tr><th scope="col">{c.type}</th>{keyStateValues.map((state) => <th key={state} scope="col" className="number">{text.states[state]}</th>)}<th scope="col" className="number">{c.all}</th><th scope="col">{c.share}</th></tr></thead>
              <tbody>
                {sorted.map(([type, row]) => {
                  const percent = Math.round(100 * total(row) / all);
                  return (
                    <tr key={type}>
                      <th scope="row"><code>{type}</code></th>
                      {keyStateValues.map((state) => <td key={state} className="number" data-label={text.states[state]}>{formatNumber(row[state] ?? 0)}</td>)}
                      <td className="number" data-label={c.all}>{formatNumber(total(row))}</td>
                      <td data-label={c.share}><svg className="share" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={t.shareOf(percent)}><rect width="100" height="6"/><rect width={100 * total(row) / all} height="6"/></svg></td>
                    </tr>
                  );
                })}
              </tbody>
              {sorted.length > 1 && <tfoot><tr><th scope="row">{c.all}</th>{keyStateValues.map((state) => <td key={state} className="number" data-label={text.states[state]}>{formatNumber(sorted.reduce((sum, [, row]) => sum + (row[state] ?? 0), 0))}</td>)}<td className="number" data-label={c.all}>{formatNumber(all)}</td><td/></tr></tfoot>}
            </table>
          </div>
        )}
    </section>
  );
}
